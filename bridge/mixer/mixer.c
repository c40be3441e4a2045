#include "bridge/mixer/mixer.h"

#include <jansson.h>
#include <unistd.h>

#include "bridge/base/clock.h"
#include "bridge/base/control.h"
#include "bridge/base/log.h"
#include "bridge/base/loop.h"
#include "bridge/mixer/crew.h"
#include "bridge/mixer/director.h"
#include "bridge/mixer/link.h"
#include "bridge/mixer/picture.h"
#include "bridge/mixer/recorder.h"
#include "bridge/mixer/sound.h"
#include "bridge/mixer/tally.h"
#include "bridge/mixer/trouble.h"

struct Mixer {
    uint64_t meeting;
    Control *control;
    Link *link;
    Gallery *gallery;
    Crew *crew;
    Picture *picture;
    Sound *sound;
    Recorder *recorder;
    Director *director;
    json_t *views_told; /* The lists as the server knows them; NULL before the first. */
    json_t *demands_told;
    DecodeMark *mark;
    Tally *tally;
    Troubles *troubles;
    LoopWatch *report_watch;
    LoopWatch *speaker_watch;
    LoopWatch *howl_watch;
    LoopWatch *recording_watch;
    LoopWatch *scene_timer;
    LoopWatch *tally_timer;
};

/* Makes the scene of now and tells the threads. */
static Scene *direct(Mixer *mixer)
{
    Scene *scene = director_direct(mixer->director, clock_now_us());
    if (scene != NULL) {
        crew_set_scene(mixer->crew, scene);
        picture_set_scene(mixer->picture, scene);
    }
    int64_t next_us = director_next_us(mixer->director);
    loop_timer_set(mixer->scene_timer, next_us == INT64_MAX ? -1 : next_us);
    return scene;
}

/* Remembers what the server will know; false when it knows it. Takes over the list. */
static bool learn(json_t **told, json_t *list)
{
    bool is_news = *told == NULL || !json_equal(*told, list);
    json_decref(*told);
    *told = list;
    return is_news;
}

/* A change that the server did not ask for. */
static void redirect(Mixer *mixer)
{
    Scene *scene = direct(mixer);
    if (scene == NULL) {
        return;
    }
    if (learn(&mixer->views_told, scene_views(scene))) {
        control_emit(mixer->control, "cells", json_pack("{s:O}", "views", mixer->views_told));
    }
    if (learn(&mixer->demands_told, scene_demands(scene))) {
        control_emit(mixer->control, "demands", json_pack("{s:O}", "demands", mixer->demands_told));
    }
}

static void on_scene_timer(void *data)
{
    redirect(data);
}

static void tell_speaker(Mixer *mixer, uint32_t source)
{
    json_t *speaker = source != 0 ? json_integer(source) : json_null();
    control_emit(mixer->control, "speaker", json_pack("{s:o}", "source", speaker));
}

static void tell_trouble(uint32_t source, void *data)
{
    Mixer *mixer = data;
    control_emit(mixer->control, "trouble", troubles_event(mixer->troubles, source));
}

static json_t *on_hello(void *owner, json_t *request, Problem *problem)
{
    Mixer *mixer = owner;
    const Scene *scene = director_scene(mixer->director);
    picture_ask_reports(mixer->picture);
    troubles_each(mixer->troubles, tell_trouble, mixer);
    tell_speaker(mixer, scene == NULL ? 0 : scene->speaker);
    return json_pack("{s:s, s:s, s:i, s:I, s:I}", "process", "mixer", "version", DIEMCAU_VERSION,
                     "pid", (int)getpid(), "meeting", (json_int_t)mixer->meeting, "revision",
                     (json_int_t)(scene == NULL ? 0 : scene->program->revision));
}

static json_t *on_program(void *owner, json_t *request, Problem *problem)
{
    Mixer *mixer = owner;
    Program *program = program_parse(request, problem);
    if (program == NULL) {
        return NULL;
    }
    director_set_program(mixer->director, program, clock_now_us());
    recorder_set_program(mixer->recorder, program);
    program_unref(program);
    const Scene *scene = direct(mixer);
    learn(&mixer->views_told, scene_views(scene));
    learn(&mixer->demands_told, scene_demands(scene));
    return json_pack("{s:O, s:O}", "views", mixer->views_told, "demands", mixer->demands_told);
}

static const ControlOp control_ops[] = {
    {"hello", on_hello},
    {"program", on_program},
    {NULL, NULL},
};

static void on_orphaned(void *owner)
{
    loop_stop();
}

static void on_attached(void *data)
{
    Mixer *mixer = data;
    picture_ask_keyframe(mixer->picture, PICTURE_ALL_RUNGS);
}

static void on_rungs(Mixer *mixer, const uint8_t *body, size_t size)
{
    if (director_update_watch(mixer->director, body, size)) {
        redirect(mixer);
    }
}

/* Its pictures are of no scene anyway. */
static bool is_quarantined(const Mixer *mixer, uint32_t source)
{
    const Scene *scene = director_scene(mixer->director);
    int seat = scene == NULL ? -1 : program_find_seat(scene->program, source);
    return seat >= 0 && scene->program->seats[seat].is_quarantined;
}

static void on_media(const MedialinkHeader *header, const uint8_t *body, size_t size, void *data)
{
    Mixer *mixer = data;
    switch (header->type) {
    case MEDIALINK_AUDIO_IN:
        if (!is_quarantined(mixer, header->source)) {
            sound_post_packet(mixer->sound, header->source, body, size, header->time_us);
        }
        break;
    case MEDIALINK_VIDEO_IN:
        crew_post_packet(mixer->crew, header->source, body, size, clock_now_us());
        break;
    case MEDIALINK_RUNG_KEYFRAME:
        picture_ask_keyframe(mixer->picture, header->rung);
        break;
    case MEDIALINK_RUNGS:
        on_rungs(mixer, body, size);
        break;
    case MEDIALINK_SOURCE_GONE:
        sound_post_gone(mixer->sound, header->source);
        crew_post_gone(mixer->crew, header->source);
        break;
    default:
        break;
    }
}

/* On a decode worker's thread. */
static void ask_source_keyframe(uint32_t source, void *data)
{
    Mixer *mixer = data;
    MedialinkHeader header = {
        .type = MEDIALINK_SOURCE_KEYFRAME, .source = source, .time_us = clock_now_us()};
    link_send(mixer->link, &header, NULL, 0);
}

/* On the recorder's thread. */
static void ask_rung_keyframe(uint16_t rung, void *data)
{
    Mixer *mixer = data;
    picture_ask_keyframe(mixer->picture, rung);
}

/* On the picture thread. */
static bool send_picture(const RungPacket *packet, void *data)
{
    Mixer *mixer = data;
    recorder_post_picture(mixer->recorder, packet);
    MedialinkHeader header = {
        .type = MEDIALINK_PICTURE,
        .flags = (packet->ends_frame ? MEDIALINK_FLAG_FRAME_END : 0) |
                 (packet->is_keyframe ? MEDIALINK_FLAG_KEYFRAME : 0),
        .rung = packet->rung,
        .time_us = packet->time_us,
    };
    return link_send(mixer->link, &header, packet->rtp, packet->size) != LINK_FULL;
}

/* On the sound thread. */
static void send_sound(uint32_t source, const uint8_t *rtp, size_t size, int64_t time_us,
                       void *data)
{
    Mixer *mixer = data;
    if (source == 0) {
        recorder_post_sound(mixer->recorder, rtp, size, time_us);
    }
    MedialinkHeader header = {.type = MEDIALINK_SOUND, .source = source, .time_us = time_us};
    link_send(mixer->link, &header, rtp, size);
}

static void on_report(int fd, GIOCondition condition, void *data)
{
    Mixer *mixer = data;
    PictureReport report;
    while (picture_take_report(mixer->picture, &report)) {
        director_set_live(mixer->director, report.source, report.is_live);
        log_debug("source.video", "source=%u live=%d", report.source, report.is_live);
        control_emit(mixer->control, "source",
                     json_pack("{s:I, s:s}", "source", (json_int_t)report.source, "video",
                               report.is_live ? "live" : "none"));
        if (troubles_set_look(mixer->troubles, report.source, report.look)) {
            tell_trouble(report.source, mixer);
        }
    }
}

static void on_howl(int fd, GIOCondition condition, void *data)
{
    Mixer *mixer = data;
    SoundHowl howl;
    while (sound_take_howl(mixer->sound, &howl)) {
        if (troubles_set_howl(mixer->troubles, howl.source, howl.is_howling)) {
            tell_trouble(howl.source, mixer);
        }
    }
}

static void on_speaker(int fd, GIOCondition condition, void *data)
{
    Mixer *mixer = data;
    uint32_t source;
    while (sound_take_speaker(mixer->sound, &source)) {
        director_set_speaker(mixer->director, source);
        tell_speaker(mixer, source);
    }
    redirect(mixer);
}

static const char *recording_state_name(RecordingState state)
{
    static const char *const names[] = {"waiting", "writing", "full", "failed"};
    return names[state];
}

static void on_recording(int fd, GIOCondition condition, void *data)
{
    Mixer *mixer = data;
    RecordingReport report;
    while (recorder_take_report(mixer->recorder, &report)) {
        control_emit(mixer->control, "recording",
                     json_pack("{s:I, s:s, s:I, s:I, s:I}", "recording", (json_int_t)report.id, "state",
                               recording_state_name(report.state), "bytes",
                               (json_int_t)report.bytes, "lost", (json_int_t)report.lost, "dropped",
                               (json_int_t)recorder_dropped(mixer->recorder)));
    }
}

static void on_tally_timer(void *data)
{
    Mixer *mixer = data;
    TallyInput input = {.picture = picture_stats(mixer->picture), .crew = crew_stats(mixer->crew)};
    sound_read_stats(mixer->sound, &input.sound);
    input.link_full = link_count(mixer->link, LINK_FULL);
    control_emit(mixer->control, "stats", tally_second(mixer->tally, &input, clock_now_us()));
}

static void open_media(Mixer *mixer, const MixerOptions *options)
{
    static const LinkHandlers handlers = {.on_attached = on_attached, .on_message = on_media};
    g_autofree char *path = g_build_filename(options->runtime_dir, "media.sock", NULL);
    mixer->link = link_new(&(LinkOptions){path, options->meeting, &handlers, mixer});
    mixer->gallery = gallery_new();
    mixer->recorder = recorder_new(&(RecordingOptions){ask_rung_keyframe, mixer});
    mixer->sound = sound_new(&(SoundOptions){
        .send = send_sound, .data = mixer, .mark = mixer->mark, .mark_slot = DECODEMARK_SLOTS - 1});
    mixer->picture = picture_new(&(PictureOptions){mixer->gallery, send_picture, mixer});
    mixer->crew = crew_new(&(CrewOptions){options->decode_workers, mixer->gallery,
                                          ask_source_keyframe, mixer, mixer->mark});
}

static void open_timers(Mixer *mixer)
{
    mixer->report_watch = loop_watch(picture_report_fd(mixer->picture), G_IO_IN, on_report, mixer);
    mixer->speaker_watch = loop_watch(sound_speaker_fd(mixer->sound), G_IO_IN, on_speaker, mixer);
    mixer->howl_watch = loop_watch(sound_howl_fd(mixer->sound), G_IO_IN, on_howl, mixer);
    mixer->recording_watch =
        loop_watch(recorder_report_fd(mixer->recorder), G_IO_IN, on_recording, mixer);
    mixer->scene_timer = loop_after(0, on_scene_timer, mixer);
    loop_timer_set(mixer->scene_timer, -1);
    mixer->tally_timer = loop_every(CLOCK_US_PER_S, on_tally_timer, mixer);
}

Mixer *mixer_new(const MixerOptions *options, GError **error)
{
    Mixer *mixer = g_new0(Mixer, 1);
    g_autofree char *name = g_strdup_printf("mixer-%" G_GUINT64_FORMAT ".sock", options->meeting);
    g_autofree char *path = g_build_filename(options->runtime_dir, name, NULL);
    mixer->meeting = options->meeting;
    mixer->control = control_new(
        &(ControlOptions){
            .path = path, .ops = control_ops, .owner = mixer, .on_orphaned = on_orphaned},
        error);
    if (mixer->control == NULL) {
        mixer_free(mixer);
        return NULL;
    }
    g_autofree char *mark_name =
        g_strdup_printf("mixer-%" G_GUINT64_FORMAT ".decoding", options->meeting);
    g_autofree char *mark_path = g_build_filename(options->runtime_dir, mark_name, NULL);
    mixer->mark = decodemark_open(mark_path, error);
    if (mixer->mark == NULL) {
        mixer_free(mixer);
        return NULL;
    }
    mixer->director = director_new();
    mixer->tally = tally_new();
    mixer->troubles = troubles_new();
    open_media(mixer, options);
    open_timers(mixer);
    return mixer;
}

void mixer_free(Mixer *mixer)
{
    if (mixer == NULL) {
        return;
    }
    loop_drop(&mixer->report_watch);
    loop_drop(&mixer->speaker_watch);
    loop_drop(&mixer->howl_watch);
    loop_drop(&mixer->recording_watch);
    loop_drop(&mixer->scene_timer);
    loop_drop(&mixer->tally_timer);
    control_free(mixer->control);
    crew_free(mixer->crew);
    recorder_end(mixer->recorder);
    picture_free(mixer->picture);
    sound_free(mixer->sound);
    recorder_free(mixer->recorder);
    link_free(mixer->link);
    gallery_free(mixer->gallery);
    decodemark_close(mixer->mark);
    director_free(mixer->director);
    json_decref(mixer->views_told);
    json_decref(mixer->demands_told);
    tally_free(mixer->tally);
    troubles_free(mixer->troubles);
    g_free(mixer);
}
