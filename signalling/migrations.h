/* The numbered SQL files that bring a database from one schema to the next; part of the program.
 * A file, once released, is never changed: a new one is added. Any thread. */
#pragma once

/* The newest schema this program knows. */
int migrations_count(void);
/* `number` is 1 … migrations_count(). */
const char *migrations_sql(int number);
