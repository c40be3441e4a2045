#include "endpoints/client/examination.h"

#include <jansson.h>
#include <sys/statvfs.h>

#include "bridge/base/clock.h"
#include "bridge/base/fields.h"

#define MIB (1024 * 1024)

int64_t examination_read_event(json_t *event, bool *ret_is_quiet)
{
    Problem problem;
    int64_t check = 0;
    if (!field_int(event, "check", 1, INT64_MAX, &check, &problem) ||
        !field_bool_or(event, "quiet", false, ret_is_quiet, &problem)) {
        return 0;
    }
    return check;
}

static json_t *number_or_null(bool is_known, int64_t number)
{
    return is_known ? json_integer(number) : json_null();
}

static const char *word(const char *found)
{
    return found != NULL ? found : "untested";
}

json_t *examination_to_json(const Examination *examination)
{
    const LinkResult *link = &examination->link;
    int64_t rtt_ms = link->rtt_us / CLOCK_US_PER_MS;
    return json_pack("{s:s, s:I, s:b, s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:o, s:o}", "type",
                     "device.checked", "check", (json_int_t)examination->check, "simulated",
                     examination->is_simulated, "rtt_ms", number_or_null(link->is_answered, rtt_ms),
                     "up_kbps", number_or_null(link->has_rates, link->up_kbps), "down_kbps",
                     number_or_null(link->has_rates, link->down_kbps), "clock_ms",
                     number_or_null(link->is_answered, link->clock_ms), "camera",
                     word(examination->camera), "microphone", word(examination->microphone),
                     "speaker", word(examination->speaker), "level",
                     number_or_null(examination->level >= 0, examination->level), "disk_mib",
                     number_or_null(examination->disk_mib >= 0, examination->disk_mib));
}

int64_t examination_disk_mib(const char *path)
{
    struct statvfs room;
    if (statvfs(path, &room) != 0) {
        return -1;
    }
    return (int64_t)room.f_bavail * (int64_t)room.f_frsize / MIB;
}
