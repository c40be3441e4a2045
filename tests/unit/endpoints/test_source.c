#include <criterion/criterion.h>
#include <string.h>

#include "endpoints/device/source.h"

Test(source, reads_every_kind_of_video)
{
    Source source;
    cr_assert(source_parse_video("v4l2", &source, NULL));
    cr_assert_eq(source.kind, SOURCE_CAMERA);
    cr_assert_null(source.argument);
    cr_assert(source_parse_video("v4l2:/dev/video2", &source, NULL));
    cr_assert_str_eq(source.argument, "/dev/video2");
    cr_assert(source_parse_video("test", &source, NULL));
    cr_assert_eq(source.kind, SOURCE_PATTERN);
    cr_assert(source_parse_video("file:/a:b.mkv", &source, NULL));
    cr_assert_eq(source.kind, SOURCE_FILE);
    cr_assert_str_eq(source.argument, "/a:b.mkv");
    cr_assert(source_parse_video("none", &source, NULL));
    cr_assert_eq(source.kind, SOURCE_NONE);
}

Test(source, reads_every_kind_of_audio)
{
    Source source;
    cr_assert(source_parse_audio("alsa:hw:1,0", &source, NULL));
    cr_assert_eq(source.kind, SOURCE_ALSA);
    cr_assert_str_eq(source.argument, "hw:1,0");
    cr_assert(source_parse_audio("pulse", &source, NULL));
    cr_assert_eq(source.kind, SOURCE_PULSE);
    cr_assert(source_parse_audio("tone:440", &source, NULL));
    cr_assert_float_eq(source.hz, 440, 0.001);
    cr_assert(source_parse_audio("silence", &source, NULL));
    cr_assert_eq(source.kind, SOURCE_SILENCE);
}

static void refuse_video(const char *text)
{
    Source source;
    g_autoptr(GError) error = NULL;
    cr_assert_not(source_parse_video(text, &source, &error), "%s", text);
    cr_assert_not_null(strstr(error->message, text));
}

static void refuse_audio(const char *text)
{
    Source source;
    g_autoptr(GError) error = NULL;
    cr_assert_not(source_parse_audio(text, &source, &error), "%s", text);
    cr_assert_not_null(strstr(error->message, text));
}

Test(source, refuses_what_it_does_not_know)
{
    refuse_video("");
    refuse_video("camera");
    refuse_video("v4l");
    refuse_video("v4l22");
    refuse_video("file");
    refuse_video("file:");
    refuse_video("none:x");
    refuse_video("tone:440");
    refuse_audio("test");
    refuse_audio("pulse:x");
    refuse_audio("silence:1");
}

Test(source, refuses_tones_that_nobody_hears)
{
    refuse_audio("tone");
    refuse_audio("tone:");
    refuse_audio("tone:loud");
    refuse_audio("tone:440Hz");
    refuse_audio("tone:19");
    refuse_audio("tone:20001");
    refuse_audio("tone:nan");
    refuse_audio("tone:-440");
}

Test(source, knows_when_picture_and_sound_are_one_file)
{
    Source film;
    Source same;
    Source other;
    Source none = {0};
    source_parse_video("file:/a.mkv", &film, NULL);
    source_parse_audio("file:/a.mkv", &same, NULL);
    source_parse_audio("file:/b.mkv", &other, NULL);
    cr_assert(source_is_same_file(&film, &same));
    cr_assert_not(source_is_same_file(&film, &other));
    cr_assert_not(source_is_same_file(&none, &none));
}
