#include <criterion/criterion.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <unistd.h>

#include "bridge/mixer/recorder.h"
#include "bridge/recording/join.h"
#include "tests/unit/mixer/clip.h"
#include "tests/unit/mixer/fixture.h"
#include "tests/unit/recording/footage.h"

#define TICK_US 40000
#define EPOCH_US INT64_C(5000000)

typedef struct Studio {
    char *directory;
    Recorder *recorder;
    Rung *rung;
    I420 picture;
    int64_t now_us;
    uint64_t tick;
    int drop; /* So many packets of the picture more. */
    atomic_int asked;
    pthread_mutex_t disk; /* Held: the recorder's thread stands still. */
} Studio;

static bool on_packet(const RungPacket *packet, void *data)
{
    Studio *studio = data;
    if (studio->drop > 0) {
        studio->drop--;
        return true;
    }
    recorder_post_picture(studio->recorder, packet);
    return true;
}

static void on_ask(uint16_t rung, void *data)
{
    Studio *studio = data;
    cr_expect_eq(rung, 0);
    pthread_mutex_lock(&studio->disk);
    pthread_mutex_unlock(&studio->disk);
    atomic_fetch_add(&studio->asked, 1);
}

static void open_rung(Studio *studio, int width, int height)
{
    rung_free(studio->rung);
    i420_release(&studio->picture);
    studio->picture = i420_alloc(width, height);
    studio->rung = rung_new(&(RungOptions){
        .shape = {.id = 0, .width = width, .height = height, .fps = 25, .kbps = 500},
        .picture_fps = 25,
        .send = on_packet,
        .data = studio,
    });
}

static void direct(Studio *studio, const char *directory, uint64_t reserve_bytes)
{
    Program *program = fixture_program(1, 320, 180);
    fixture_rung(program, 0, 320, 180, 500);
    if (directory != NULL) {
        program->records[program->record_count++] = (ProgramRecord){
            .id = 7,
            .directory = g_strdup(directory),
            .epoch_us = EPOCH_US,
            .reserve_bytes = reserve_bytes,
        };
    }
    recorder_set_program(studio->recorder, program);
    program_unref(program);
}

static Studio *open_studio(void)
{
    clip_init();
    Studio *studio = g_new0(Studio, 1);
    pthread_mutex_init(&studio->disk, NULL);
    studio->directory = footage_directory();
    studio->recorder = recorder_new(&(RecordingOptions){on_ask, studio});
    studio->now_us = EPOCH_US;
    open_rung(studio, 320, 180);
    return studio;
}

static void close_studio(Studio *studio)
{
    recorder_end(studio->recorder);
    rung_free(studio->rung);
    recorder_free(studio->recorder);
    i420_release(&studio->picture);
    footage_remove(studio->directory);
    pthread_mutex_destroy(&studio->disk);
    g_free(studio->directory);
    g_free(studio);
}

/* Picture and sound for so long; the clock is the test's. */
static void play(Studio *studio, int64_t span_us)
{
    uint8_t rtp[] = {0x80, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0xff, 0xfe};
    for (int64_t end_us = studio->now_us + span_us; studio->now_us < end_us;) {
        studio->tick++;
        rung_encode(studio->rung, &studio->picture, studio->now_us);
        recorder_post_sound(studio->recorder, rtp, sizeof rtp, studio->now_us);
        recorder_post_sound(studio->recorder, rtp, sizeof rtp, studio->now_us + TICK_US / 2);
        studio->now_us += TICK_US;
    }
}

static RecordingReport wait_report(Studio *studio, RecordingState state)
{
    RecordingReport report = {0};
    for (int i = 0; i < 500; i++) {
        while (recorder_take_report(studio->recorder, &report)) {
            if (report.state == state) {
                return report;
            }
        }
        g_usleep(20000);
    }
    cr_assert_fail("the state is %d, not %d", (int)report.state, (int)state);
    return report;
}

static JoinResult finish(Studio *studio)
{
    JoinResult result;
    recorder_end(studio->recorder);
    cr_assert(join_directory(studio->directory, &result, NULL));
    return result;
}

Test(recorder, keeps_picture_and_sound_from_the_first_key_frame)
{
    Studio *studio = open_studio();
    direct(studio, studio->directory, 0);
    play(studio, 3000000);
    RecordingReport report = wait_report(studio, RECORDING_WRITING);
    cr_expect_eq(report.id, 7);
    cr_expect_gt(report.bytes, 0);
    cr_expect_eq(report.lost, 0);
    JoinResult result = finish(studio);
    cr_expect_eq(result.duration_ms, 3000);
    cr_expect_leq(result.gap_ms, 40);
    close_studio(studio);
}

Test(recorder, what_came_before_the_end_is_on_the_disk)
{
    Studio *studio = open_studio();
    direct(studio, studio->directory, 0);
    play(studio, 400000);
    cr_expect_eq(finish(studio).duration_ms, 400);
    close_studio(studio);
}

Test(recorder, after_a_hole_it_waits_for_a_key_frame_and_asks_for_it)
{
    Studio *studio = open_studio();
    direct(studio, studio->directory, 0);
    play(studio, 1000000);
    studio->drop = 1;
    play(studio, 1000000);
    wait_report(studio, RECORDING_WRITING);
    cr_expect_geq(atomic_load(&studio->asked), 1);
    rung_ask_keyframe(studio->rung);
    play(studio, 1000000);
    RecordingReport report;
    do {
        report = wait_report(studio, RECORDING_WRITING);
    } while (report.lost == 0);
    cr_expect_geq(report.lost, 23, "%d", (int)report.lost);
    cr_expect_leq(report.lost, 25, "%d", (int)report.lost);
    cr_expect_eq(finish(studio).duration_ms, 3000);
    close_studio(studio);
}

Test(recorder, nobody_waits_for_it_and_what_its_queue_cannot_take_is_counted)
{
    Studio *studio = open_studio();
    pthread_mutex_lock(&studio->disk);
    direct(studio, studio->directory, 0);
    /* Picture and sound make 75 packets a second. */
    int64_t before_us = g_get_monotonic_time();
    play(studio, 30000000);
    cr_expect_lt(g_get_monotonic_time() - before_us, 25000000);
    cr_expect_geq(recorder_dropped(studio->recorder), 100);
    pthread_mutex_unlock(&studio->disk);
    wait_report(studio, RECORDING_WRITING);
    cr_expect_gt(finish(studio).duration_ms, 5000);
    close_studio(studio);
}

Test(recorder, another_size_goes_into_another_file)
{
    Studio *studio = open_studio();
    direct(studio, studio->directory, 0);
    play(studio, 1000000);
    open_rung(studio, 640, 360);
    play(studio, 1000000);
    recorder_end(studio->recorder);
    g_autofree char *second = g_build_filename(studio->directory, "000002.webm", NULL);
    cr_expect(g_file_test(second, G_FILE_TEST_EXISTS));
    cr_expect_eq(finish(studio).duration_ms, 2000);
    close_studio(studio);
}

Test(recorder, a_disk_at_its_reserve_stops_the_recording_and_nothing_else)
{
    Studio *studio = open_studio();
    direct(studio, studio->directory, UINT64_MAX / 2);
    play(studio, 1000000);
    RecordingReport report = wait_report(studio, RECORDING_FULL);
    cr_expect_eq(report.bytes, 0);
    cr_expect_geq(report.lost, 20);
    cr_expect_eq(finish(studio).bytes, 0);
    close_studio(studio);
}

Test(recorder, a_directory_that_is_not_there_is_an_alarm)
{
    Studio *studio = open_studio();
    direct(studio, "/nonexistent/diemcau", 0);
    play(studio, 200000);
    wait_report(studio, RECORDING_FAILED);
    close_studio(studio);
}

Test(recorder, two_do_not_write_into_one_directory)
{
    Studio *studio = open_studio();
    int other = open(studio->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(flock(other, LOCK_EX), 0);
    direct(studio, studio->directory, 0);
    play(studio, 200000);
    wait_report(studio, RECORDING_FAILED);
    close(other);
    close_studio(studio);
}

Test(recorder, a_recording_that_is_ended_leaves_its_directory)
{
    Studio *studio = open_studio();
    direct(studio, studio->directory, 0);
    play(studio, 1000000);
    wait_report(studio, RECORDING_WRITING);
    direct(studio, NULL, 0);
    int other = open(studio->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_expect_eq(flock(other, LOCK_EX), 0);
    close(other);
    close_studio(studio);
}
