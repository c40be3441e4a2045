#include <criterion/criterion.h>
#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "bridge/mixer/program.h"

static const char *const good =
    "{'revision':3,'title':'Giao ban','width':1280,'height':720,'fps':25,"
    "'rungs':[{'id':0,'width':1280,'height':720,'fps':25,'kbps':1500},"
    "{'id':1,'width':640,'height':360,'fps':25,'kbps':500}],"
    "'layout':{'name':'1','cells':[{'role':'floor','x':0,'y':0,'w':1,'h':1}]},"
    "'spotlight':2,'seats':["
    "{'source':1,'name':'Xã A','tier':'commune','present':true,'muted':false,'note':''},"
    "{'source':2,'name':'Xã B','tier':'commune','present':false,'muted':true,'note':'Mất mạng'}]}";

static json_t *load(const char *text)
{
    g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
    json_error_t error;
    json_t *value = json_loads(json, 0, &error);
    cr_assert_not_null(value, "%s in %s", error.text, json);
    return value;
}

/* The good program with the first `from` replaced by `to`. */
static Program *parse_changed(const char *from, const char *to, Problem *problem)
{
    const char *at = strstr(good, from);
    cr_assert_not_null(at, "%s", from);
    g_autofree char *text =
        g_strdup_printf("%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
    json_t *request = load(text);
    Program *program = program_parse(request, problem);
    json_decref(request);
    return program;
}

static void expect_refusal(const char *from, const char *to, const char *field)
{
    Problem problem = {0};
    Program *program = parse_changed(from, to, &problem);
    cr_expect_null(program, "%s", to);
    cr_expect_str_eq(problem.code, "bad_field", "%s", to);
    cr_expect_str_eq(problem.field, field, "%s: is %s", to, problem.field);
    size_t top = strcspn(field, ".[");
    cr_expect(strncmp(problem.message, field, top) == 0, "%s", problem.message);
    program_unref(program);
}

Test(program, reads_every_field)
{
    Problem problem = {0};
    json_t *request = load(good);
    Program *program = program_parse(request, &problem);
    json_decref(request);
    cr_assert_not_null(program, "%s", problem.message);
    cr_expect_eq(program->revision, 3);
    cr_expect_eq(program->width, 1280);
    cr_expect_eq(program->height, 720);
    cr_expect_eq(program->fps, 25);
    cr_expect_eq(program->spotlight, 2);
    cr_expect_eq(program->rung_count, 2);
    cr_expect_eq(program->rungs[1].id, 1);
    cr_expect_eq(program->rungs[1].width, 640);
    cr_expect_eq(program->rungs[1].kbps, 500);
    cr_expect_eq(program->layout->cell_count, 1);
    cr_expect_eq(program->seat_count, 2);
    cr_expect_str_eq(program->seats[1].name, "Xã B");
    cr_expect_str_eq(program->seats[1].note, "Mất mạng");
    cr_expect(program->seats[0].is_present && !program->seats[1].is_present);
    cr_expect(program->seats[1].is_muted);
    cr_expect_eq(program_find_seat(program, 2), 1);
    cr_expect_eq(program_find_seat(program, 3), -1);
    program_unref(program);
}

Test(program, takes_nobody_for_the_spotlight)
{
    Program *program = parse_changed("'spotlight':2", "'spotlight':null", NULL);
    cr_assert_not_null(program);
    cr_expect_eq(program->spotlight, 0);
    program_unref(program);
}

Test(program, takes_a_meeting_without_seats)
{
    Problem problem = {0};
    json_t *request = load(good);
    json_object_set_new(request, "seats", json_array());
    json_object_set_new(request, "spotlight", json_null());
    Program *program = program_parse(request, &problem);
    json_decref(request);
    cr_assert_not_null(program, "%s", problem.message);
    cr_expect_eq(program->seat_count, 0);
    program_unref(program);
}

Test(program, outlives_its_json_and_its_first_owner)
{
    Program *program = parse_changed("'revision':3", "'revision':4", NULL);
    Program *other = program_ref(program);
    program_unref(program);
    cr_expect_str_eq(other->seats[0].name, "Xã A");
    program_unref(other);
}

Test(program, refuses_sizes_that_are_odd_or_out_of_bounds)
{
    expect_refusal("'width':1280", "'width':1281", "width");
    expect_refusal("'width':1280", "'width':1922", "width");
    expect_refusal("'width':1280", "'width':0", "width");
    expect_refusal("'width':1280", "'width':-1280", "width");
    expect_refusal("'width':1280", "'width':1280.0", "width");
    expect_refusal("'width':1280", "'width':'1280'", "width");
    expect_refusal("'height':720", "'height':721", "height");
    expect_refusal("'height':720", "'height':2160", "height");
    expect_refusal("'height':720", "'height':null", "height");
}

Test(program, refuses_a_rate_out_of_bounds)
{
    expect_refusal("'fps':25", "'fps':0", "fps");
    expect_refusal("'fps':25", "'fps':61", "fps");
}

Test(program, refuses_a_bad_revision_or_title)
{
    expect_refusal("'revision':3", "'revision':-1", "revision");
    expect_refusal("'revision':3,", "", "revision");
    expect_refusal("'title':'Giao ban'", "'title':5", "title");
}

Test(program, refuses_bad_rungs_and_names_them)
{
    expect_refusal("'id':1,'width':640", "'id':1,'width':641", "rungs[1].width");
    expect_refusal("'id':1,'width':640", "'id':1,'width':1282", "rungs[1].width");
    expect_refusal("'id':1,'width':640,'height':360", "'id':1,'width':640,'height':722",
                   "rungs[1].height");
    expect_refusal("'id':1", "'id':0", "rungs[1].id");
    expect_refusal("'id':1", "'id':65536", "rungs[1].id");
    expect_refusal("'fps':25,'kbps':1500", "'fps':26,'kbps':1500", "rungs[0].fps");
    expect_refusal("'kbps':500", "'kbps':0", "rungs[1].kbps");
    expect_refusal("'kbps':500", "'kbps':1000000", "rungs[1].kbps");
    expect_refusal("{'id':1,'width':640,'height':360,'fps':25,'kbps':500}", "7", "rungs[1]");
    expect_refusal("'rungs':[", "'rungs':[],'other':[", "rungs");
    expect_refusal("'rungs'", "'ladder'", "rungs");
}

Test(program, refuses_bad_layouts_and_names_the_cell)
{
    expect_refusal("'x':0,", "'x':0.5,", "layout.cells[0].w");
    expect_refusal("'floor'", "'balcony'", "layout.cells[0].role");
    expect_refusal("'cells':[{'role':'floor','x':0,'y':0,'w':1,'h':1}]", "'cells':[]",
                   "layout.cells");
    expect_refusal("{'name':'1',", "{", "layout.name");
    expect_refusal("'layout':{'name':'1','cells':[{'role':'floor','x':0,'y':0,'w':1,'h':1}]}",
                   "'layout':'1'", "layout");
}

Test(program, refuses_a_spotlight_without_a_seat)
{
    expect_refusal("'spotlight':2", "'spotlight':9", "spotlight");
    expect_refusal("'spotlight':2", "'spotlight':0", "spotlight");
    expect_refusal("'spotlight':2", "'spotlight':'2'", "spotlight");
}

Test(program, refuses_bad_seats_and_names_them)
{
    expect_refusal("'source':2", "'source':1", "seats[1].source");
    expect_refusal("'source':1", "'source':0", "seats[0].source");
    expect_refusal("'source':1", "'source':4294967296", "seats[0].source");
    expect_refusal("'name':'Xã A'", "'name':''", "seats[0].name");
    expect_refusal("'name':'Xã A'", "'name':null", "seats[0].name");
    expect_refusal("'present':true", "'present':1", "seats[0].present");
    expect_refusal("'muted':true", "'muted':'no'", "seats[1].muted");
    expect_refusal("'note':'Mất mạng'", "'note':[]", "seats[1].note");
    g_autofree char *endless = g_strnfill(LIMIT_NAME_BYTES + 1, 'x');
    g_autofree char *name = g_strdup_printf("'name':'%s'", endless);
    expect_refusal("'name':'Xã B'", name, "seats[1].name");
}

Test(program, refuses_more_seats_than_there_may_be)
{
    Problem problem = {0};
    json_t *request = load(good);
    json_t *seats = json_object_get(request, "seats");
    for (int i = 3; i <= LIMIT_SEATS + 1; i++) {
        json_array_append_new(seats,
                              json_pack("{s:i, s:s, s:b}", "source", i, "name", "x", "present", 1));
    }
    Program *program = program_parse(request, &problem);
    json_decref(request);
    cr_expect_null(program);
    cr_expect_str_eq(problem.field, "seats");
}
