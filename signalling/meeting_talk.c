/* Who is heard, told to pages and counted: the time each seat has talked, and answers to the roll.
 */
#include <jansson.h>

#include "bridge/base/clock.h"
#include "signalling/meetings_internal.h"

/* −dBov: what is fainter is noise of the room (as the relay's ranking takes it). */
#define TALK_LEVEL_MAX 60
/* The relay reports four times a second; after a longer pause a report stands for so much. */
#define TALK_REPORT_MS 250
#define TALK_PAUSE_MS 500
/* Pages and the store are told each time so much more has been said. */
#define TALK_NEWS_MS 5000

static int64_t passed_ms(Leading *leading)
{
    int64_t now_us = clock_now_us();
    int64_t passed = (now_us - leading->voices_us) / CLOCK_US_PER_MS;
    leading->voices_us = now_us;
    return passed > TALK_PAUSE_MS ? TALK_REPORT_MS : passed;
}

static void count(Meetings *meetings, Meeting *meeting, json_t *voices)
{
    int64_t heard_ms = passed_ms(&meeting->leading);
    size_t index;
    json_t *voice;
    json_array_foreach(voices, index, voice)
    {
        json_int_t source = json_integer_value(json_object_get(voice, "source"));
        Seat *seat = meeting_find_seat(meeting, (uint32_t)source);
        bool is_heard = json_integer_value(json_object_get(voice, "level")) <= TALK_LEVEL_MAX;
        if (seat == NULL || !is_heard) {
            continue;
        }
        int64_t before = seat->talk_ms / TALK_NEWS_MS;
        seat->talk_ms += heard_ms;
        seat->changed = seat->changed || seat->talk_ms / TALK_NEWS_MS != before;
        roll_hear(meetings, meeting, seat, heard_ms);
    }
}

void talk_on_voices(Meetings *meetings, json_t *event)
{
    json_t *id = json_object_get(event, "meeting");
    json_t *voices = json_object_get(event, "voices");
    Meeting *meeting = meetings_find(meetings, json_integer_value(id));
    if (meeting != NULL) {
        count(meetings, meeting, voices);
    }
    clients_broadcast(meetings->server->clients, json_pack("{s:s, s:O, s:O}", "type", "voices",
                                                           "meeting", id, "voices", voices));
}
