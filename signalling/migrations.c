#include "signalling/migrations.h"

#include <glib.h>

extern const char embedded_0001_first_sql[];
extern const char embedded_0002_views_sql[];
extern const char embedded_0003_streams_sql[];
extern const char embedded_0004_recordings_sql[];
extern const char embedded_0005_floor_sql[];
extern const char embedded_0006_before_sql[];
extern const char embedded_0007_quarantine_sql[];

static const char *const migrations[] = {embedded_0001_first_sql,     embedded_0002_views_sql,
                                         embedded_0003_streams_sql,   embedded_0004_recordings_sql,
                                         embedded_0005_floor_sql,     embedded_0006_before_sql,
                                         embedded_0007_quarantine_sql};

int migrations_count(void)
{
    return G_N_ELEMENTS(migrations);
}

const char *migrations_sql(int number)
{
    return migrations[number - 1];
}
