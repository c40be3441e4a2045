#include "endpoints/fleet/inspection.h"

#include <jansson.h>

#include "bridge/base/clock.h"
#include "endpoints/fleet/camera.h"
#include "endpoints/fleet/report.h"

#define SAMPLE_SLOT INSPECTION_PROBES_MAX
/* The very first site of a directory is the centre, which may have another place in the picture
 * than the rest. */
#define FIRST_PROBE 1

/* One slot of the examiner and whoever is in it. */
typedef struct Subject {
    Inspection *inspection;
    size_t slot;
    Site *site;     /* NULL: nobody */
    Camera *camera; /* of a probe */
} Subject;

struct Inspection {
    InspectionOptions options;
    Examiner *examiner;
    Subject subjects[EXAMINER_SLOTS];
    size_t sample_at; /* index of the next site to become the sample */
    int64_t sample_until_us;
    GArray *latencies; /* double, in milliseconds */
};

static void on_frame(const ViewerFrame *frame, void *data)
{
    const Subject *subject = data;
    ExaminerTask task = {.sender = (uint16_t)subject->slot};
    task.has_cell = subject->camera != NULL && site_cell(subject->site, &task.cell);
    examiner_push(subject->inspection->examiner, subject->slot, frame, &task);
}

static void note_latency(Inspection *inspection, Camera *camera, const ExaminerResult *result)
{
    int64_t sent_us = camera_take_sent_us(camera, result->time_ms);
    if (sent_us != 0 && inspection->latencies->len < INSPECTION_LATENCIES_MAX) {
        double latency_ms = (double)(result->arrival_us - sent_us) / CLOCK_US_PER_MS;
        g_array_append_val(inspection->latencies, latency_ms);
    }
}

static void on_result(const ExaminerResult *result, void *data)
{
    Inspection *inspection = data;
    const Subject *subject = &inspection->subjects[result->slot];
    if (subject->site == NULL) {
        return;
    }
    TallySums *sums = &site_tally(subject->site)->sums;
    if (result->is_decoded) {
        sums->decoded++;
    } else {
        sums->undecodable++;
    }
    if (result->has_time && subject->camera != NULL) {
        note_latency(inspection, subject->camera, result);
    }
}

static bool make_probes(Inspection *inspection, GError **error)
{
    size_t wanted = MIN(inspection->options.probe_count, INSPECTION_PROBES_MAX);
    for (size_t i = 0; i < wanted && FIRST_PROBE + i < inspection->options.site_count; i++) {
        Subject *subject = &inspection->subjects[i];
        subject->camera = camera_new((uint16_t)i, error);
        if (subject->camera == NULL) {
            return false;
        }
        subject->site = inspection->options.sites[FIRST_PROBE + i];
        site_set_camera(subject->site, subject->camera);
        site_set_sink(subject->site, on_frame, subject);
    }
    return true;
}

Inspection *inspection_new(const InspectionOptions *options, GError **error)
{
    Inspection *inspection = g_new0(Inspection, 1);
    inspection->options = *options;
    inspection->latencies = g_array_new(FALSE, FALSE, sizeof(double));
    inspection->examiner = examiner_new(on_result, inspection);
    for (size_t i = 0; i < EXAMINER_SLOTS; i++) {
        inspection->subjects[i] = (Subject){.inspection = inspection, .slot = i};
    }
    if (!make_probes(inspection, error)) {
        inspection_free(inspection);
        return NULL;
    }
    return inspection;
}

static void dismiss(Subject *subject)
{
    if (subject->site != NULL) {
        site_set_sink(subject->site, NULL, NULL);
        site_set_camera(subject->site, NULL);
        subject->site = NULL;
    }
    g_clear_pointer(&subject->camera, camera_free);
}

void inspection_free(Inspection *inspection)
{
    if (inspection == NULL) {
        return;
    }
    for (size_t i = 0; i < EXAMINER_SLOTS; i++) {
        dismiss(&inspection->subjects[i]);
    }
    examiner_free(inspection->examiner);
    g_array_unref(inspection->latencies);
    g_free(inspection);
}

static bool is_probe(const Inspection *inspection, const Site *site)
{
    for (size_t i = 0; i < INSPECTION_PROBES_MAX; i++) {
        if (inspection->subjects[i].site == site) {
            return true;
        }
    }
    return false;
}

/* The next site that sees something; NULL when there is none. */
static Site *choose_sample(Inspection *inspection)
{
    const InspectionOptions *options = &inspection->options;
    for (size_t tries = 0; tries < options->site_count; tries++) {
        Site *site = options->sites[inspection->sample_at++ % options->site_count];
        if (site_phase(site) == SITE_SERVED && !is_probe(inspection, site)) {
            return site;
        }
    }
    return NULL;
}

void inspection_tick(Inspection *inspection, int64_t now_us)
{
    if (inspection->options.sample_us == 0 || now_us < inspection->sample_until_us) {
        return;
    }
    Subject *sample = &inspection->subjects[SAMPLE_SLOT];
    inspection->sample_until_us = now_us + inspection->options.sample_us;
    dismiss(sample);
    sample->site = choose_sample(inspection);
    if (sample->site != NULL) {
        examiner_restart(inspection->examiner, SAMPLE_SLOT);
        site_set_sink(sample->site, on_frame, sample);
    } else {
        inspection->sample_until_us = now_us + CLOCK_US_PER_S;
    }
}

void inspection_begin_window(Inspection *inspection)
{
    g_array_set_size(inspection->latencies, 0);
}

static int compare(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

json_t *inspection_latency(Inspection *inspection)
{
    GArray *latencies = inspection->latencies;
    if (latencies->len == 0) {
        return json_null();
    }
    g_array_sort(latencies, compare);
    const double *ordered = (const double *)(void *)latencies->data;
    return json_pack("{s:I, s:f, s:f, s:f}", "count", (json_int_t)latencies->len, "p50_ms",
                     report_percentile(ordered, latencies->len, 50), "p95_ms",
                     report_percentile(ordered, latencies->len, 95), "max_ms",
                     ordered[latencies->len - 1]);
}
