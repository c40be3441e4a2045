#include <criterion/criterion.h>
#include <jansson.h>

#include "signalling/media_stats.h"

static MediaStats read_text(const char *text)
{
    json_t *entry = json_loads(text, 0, NULL);
    cr_assert_not_null(entry);
    MediaStats stats = media_stats_read(entry);
    json_decref(entry);
    return stats;
}

#define FULL                                                                                       \
    "{\"peer\":7,\"loss_in_pct\":0.5,\"loss_out_pct\":2.5,\"rtt_ms\":40.2,\"jitter_ms\":3,"        \
    "\"in_kbps\":150.4,\"out_kbps\":1500,\"estimate_kbps\":2300,\"view\":2,\"rung\":17,"           \
    "\"profile\":\"SRTP_AEAD_AES_128_GCM\"}"

Test(media_stats, reads_what_the_relay_says)
{
    MediaStats stats = read_text(FULL);
    json_t *object = media_stats_to_json(&stats);
    json_t *wanted = json_loads(
        "{\"loss_in_pct\":0.5,\"loss_out_pct\":2.5,\"rtt_ms\":40,\"jitter_ms\":3,\"in_kbps\":150,"
        "\"out_kbps\":1500,\"estimate_kbps\":2300,\"view\":2,\"rung\":17,\"profile\":"
        "\"SRTP_AEAD_AES_128_GCM\"}",
        0, NULL);
    cr_assert(json_equal(object, wanted), "%s", json_dumps(object, 0));
    json_decref(object);
    json_decref(wanted);
}

Test(media_stats, what_is_not_known_is_null)
{
    MediaStats stats = read_text("{\"peer\":7,\"loss_pct\":3,\"rtt_ms\":null,\"rung\":null}");
    json_t *object = media_stats_to_json(&stats);
    cr_assert(json_is_null(json_object_get(object, "rtt_ms")));
    cr_assert(json_is_null(json_object_get(object, "rung")));
    cr_assert(json_is_null(json_object_get(object, "estimate_kbps")));
    cr_assert_eq(stats.loss_in_pct, 3);
    json_decref(object);
}

Test(media_stats, a_flutter_is_no_news_and_a_change_is)
{
    MediaStats told = read_text(FULL);
    MediaStats now = told;
    cr_assert_not(media_stats_is_news(&told, &now));
    now.rtt_ms = 43;
    now.out_kbps = 1600;
    now.loss_out_pct = 2.8;
    cr_assert_not(media_stats_is_news(&told, &now));
    now.out_kbps = 1300;
    cr_assert(media_stats_is_news(&told, &now));
    now = told;
    now.rung = -1;
    cr_assert(media_stats_is_news(&told, &now));
    now = told;
    now.loss_in_pct = 0;
    cr_assert(media_stats_is_news(&told, &now), "no loss any more");
    MediaStats nothing = {0};
    cr_assert(media_stats_is_news(&nothing, &told));
}
