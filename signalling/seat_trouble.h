/* What is wrong with a seat's picture or sound, for the chair's list and the name bar: what the
 * mixer sees and hears, and what the relay measures of its microphone. A plain value, zero at
 * first. Any thread. */
#pragma once

#include <stdbool.h>

typedef struct json_t json_t;

/* Digital silence, or no sound at all, for so many seconds makes a dead microphone: a live one has
 * noise, however quiet the room. */
#define SEAT_TROUBLE_SILENT_S 8

typedef enum SeatPicture {
    SEAT_PICTURE_FINE,
    SEAT_PICTURE_DARK,
    SEAT_PICTURE_COVERED,
    SEAT_PICTURE_FROZEN,
} SeatPicture;

typedef struct SeatTrouble {
    SeatPicture picture;
    bool is_howling;
    int silent_s; /* Seconds of silence in a row, up to SEAT_TROUBLE_SILENT_S: then it is told. */
} SeatTrouble;

/* The mixer's event `trouble`; true when something has changed. */
bool seat_trouble_apply(SeatTrouble *trouble, json_t *event);
/* One second of the relay's `stats`; `is_muted`: nothing can be said. The same. */
bool seat_trouble_hear(SeatTrouble *trouble, json_t *stats_entry, bool is_muted);
/* ["dark", "covered", "frozen", "howling", "silent_mic"], those that hold; the caller's. */
json_t *seat_trouble_to_json(const SeatTrouble *trouble);
/* The same in Vietnamese, for the name bar; "" when all is well. Free with g_free. */
char *seat_trouble_words(const SeatTrouble *trouble);
