#include "endpoints/fleet/siteexam.h"

#include <jansson.h>

#include "endpoints/client/examination.h"

struct SiteExam {
    char *state_dir;
    Client *client;
    LinkCheck *link;
    Examination examination;
};

SiteExam *site_exam_new(const char *state_dir)
{
    SiteExam *exam = g_new0(SiteExam, 1);
    exam->state_dir = g_strdup(state_dir);
    return exam;
}

void site_exam_stop(SiteExam *exam)
{
    g_clear_pointer(&exam->link, link_check_free);
}

void site_exam_free(SiteExam *exam)
{
    if (exam != NULL) {
        site_exam_stop(exam);
        g_free(exam->state_dir);
        g_free(exam);
    }
}

static void on_link(const LinkResult *result, void *data)
{
    SiteExam *exam = data;
    exam->examination.link = *result;
    g_clear_pointer(&exam->link, link_check_free);
    client_request(exam->client, examination_to_json(&exam->examination), NULL, NULL);
}

void site_exam_on_check(SiteExam *exam, Client *client, json_t *event)
{
    bool is_quiet;
    int64_t check = examination_read_event(event, &is_quiet);
    if (check == 0 || exam->link != NULL) {
        return;
    }
    exam->client = client;
    exam->examination = (Examination){.check = check,
                                      .is_simulated = true,
                                      .camera = "simulated",
                                      .microphone = "simulated",
                                      .level = -1,
                                      .disk_mib = examination_disk_mib(exam->state_dir)};
    exam->link = link_check_start(client, is_quiet, on_link, exam);
}
