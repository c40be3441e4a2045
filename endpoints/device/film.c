#include "endpoints/device/film.h"

#include <gst/gst.h>

#include "bridge/base/clock.h"
#include "bridge/base/log.h"
#include "endpoints/device/filmphase.h"

/* From the decision to the first frame: time to read and decode it. */
#define FILM_LEAD_US INT64_C(250000)

struct Film {
    Pipeline *pipeline;
    int64_t duration_us;
    int64_t position_us; /* where it was set to */
    int64_t offset_us;   /* wall clock less monotonic time when it was set */
};

typedef struct Stream {
    Film *film;
    int64_t round; /* 0: the first, which begins in the middle of the film */
} Stream;

Film *film_new(Pipeline *pipeline)
{
    Film *film = g_new0(Film, 1);
    film->pipeline = pipeline;
    return film;
}

void film_free(Film *film)
{
    g_free(film);
}

static int64_t round_start_us(const Film *film, int64_t round)
{
    return round == 0 ? 0 : round * film->duration_us - film->position_us;
}

/* Demuxers let a round begin where the last packet began or ended, which is a little more or less
 * than a duration: over an hour the films of two devices would be seconds apart. */
static GstEvent *corrected(const Stream *stream, GstEvent *event)
{
    GstSegment segment;
    gst_event_copy_segment(event, &segment);
    segment.base = (GstClockTime)round_start_us(stream->film, stream->round) * GST_USECOND;
    segment.offset = 0;
    GstEvent *made = gst_event_new_segment(&segment);
    gst_event_set_seqnum(made, gst_event_get_seqnum(event));
    gst_event_unref(event);
    return made;
}

static GstPadProbeReturn on_stream_event(GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
    Stream *stream = data;
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) {
        stream->round = 0;
    } else if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
        GST_PAD_PROBE_INFO_DATA(info) = corrected(stream, event);
        stream->round++;
    }
    return GST_PAD_PROBE_OK;
}

void film_add_stream(Film *film, GstPad *pad)
{
    Stream *stream = g_new0(Stream, 1);
    stream->film = film;
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
                      on_stream_event, stream, g_free);
}

static int64_t clock_offset_us(void)
{
    return g_get_real_time() - clock_now_us();
}

static bool seek(Film *film, GstSeekFlags flags, int64_t from_us)
{
    return gst_element_seek(pipeline_element(film->pipeline), 1.0, GST_FORMAT_TIME,
                            flags | GST_SEEK_FLAG_SEGMENT, GST_SEEK_TYPE_SET,
                            from_us * (gint64)GST_USECOND, GST_SEEK_TYPE_SET,
                            film->duration_us * (gint64)GST_USECOND);
}

/* Running time 0 is the chosen place, and comes when the base time says. */
static bool set_to_place(Film *film)
{
    GstElement *element = pipeline_element(film->pipeline);
    int64_t start_us = clock_now_us() + FILM_LEAD_US;
    film->offset_us = clock_offset_us();
    film->position_us = film_phase_position_us(start_us + film->offset_us, film->duration_us);
    gst_element_set_state(element, GST_STATE_PAUSED);
    if (!seek(film, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, film->position_us)) {
        return false;
    }
    gst_element_set_base_time(element, (GstClockTime)start_us * GST_USECOND);
    return pipeline_play(film->pipeline);
}

bool film_begin(Film *film)
{
    gint64 duration_ns = 0;
    if (!gst_element_query_duration(pipeline_element(film->pipeline), GST_FORMAT_TIME,
                                    &duration_ns) ||
        duration_ns < (gint64)GST_SECOND / 10) {
        return false;
    }
    film->duration_us = duration_ns / (gint64)GST_USECOND;
    return set_to_place(film);
}

void film_on_message(Film *film, GstMessage *message)
{
    if (film->duration_us == 0) {
        return;
    }
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_SEGMENT_DONE &&
        !film_phase_is_off(film->offset_us, clock_offset_us())) {
        seek(film, GST_SEEK_FLAG_NONE, 0);
    } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_SEGMENT_DONE ||
               GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
        set_to_place(film);
    }
}
