/* Codes that people read aloud and type: groups of four letters and digits without look-alikes
 * (no 0 O 1 I), joined by dashes, five bits a letter. What is stored of a secret is its hash only.
 * Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hexadecimal BLAKE2b-256 and the NUL. */
#define CODE_HASH_SIZE 65
/* Bytes of a code of so many groups, with the NUL. */
#define CODE_SIZE(groups) ((groups)*5)

/* From the first bits of `bytes` (20 bits a group). */
void code_write(const uint8_t *bytes, int groups, char *ret_code);
/* Random. */
void code_make(int groups, char *ret_code);
/* Accepts lower case and any spaces and dashes; false when it is not such a code. */
bool code_read(const char *text, int groups, char *ret_code);
/* The hash of a secret as typed: case, spaces and dashes do not matter. */
void code_hash(const char *text, char ret_hash[CODE_HASH_SIZE]);
