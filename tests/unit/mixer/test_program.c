#include <criterion/criterion.h>
#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "bridge/mixer/program.h"

static const char *const good =
    "{'revision':3,'title':'Giao ban','fps':25,'views':["
    "{'id':0,'name':'Chung','width':1280,'height':720,"
    "'layout':{'name':'1','cells':[{'role':'floor','x':0,'y':0,'w':1,'h':1}]},"
    "'spotlight':2,'floor':1,'chair':1,'share':2,"
    "'rotate':{'sources':[2,1,7,2],'interval_s':10},"
    "'rungs':[{'id':0,'codec':'VP8','width':1280,'height':720,'fps':25,'kbps':1500},"
    "{'id':1,'codec':'VP8','width':640,'height':360,'fps':25,'kbps':500},"
    "{'id':3,'codec':'H264','width':1280,'height':720,'fps':25,'kbps':1501}]},"
    "{'id':4,'width':1920,'height':1080,"
    "'layout':{'name':'wall','cells':["
    "{'role':'recent','grid':'seats','x':0,'y':0,'w':1,'h':1}]},'floor':null,"
    "'rungs':[{'id':32,'codec':'VP8','width':640,'height':360,'fps':12,'kbps':300}]}],"
    "'seats':["
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
    cr_expect_eq(program->fps, 25);
    cr_expect_eq(program->view_count, 2);
    cr_expect_eq(program->seat_count, 2);
    cr_expect_str_eq(program->seats[1].name, "Xã B");
    cr_expect_str_eq(program->seats[1].note, "Mất mạng");
    cr_expect(program->seats[0].is_present && !program->seats[1].is_present);
    cr_expect(program->seats[1].is_muted);
    cr_expect_eq(program_find_seat(program, 2), 1);
    cr_expect_eq(program_find_seat(program, 3), -1);
    program_unref(program);
}

Test(program, reads_every_field_of_a_view)
{
    Program *program = parse_changed("'revision':3", "'revision':3", NULL);
    cr_assert_not_null(program);
    const ProgramView *view = &program->views[0];
    cr_expect(view->id == 0 && view->width == 1280 && view->height == 720);
    cr_expect(view->spotlight == 2 && view->floor == 1 && view->chair == 1 && view->share == 2);
    cr_expect_eq(view->rotation.source_count, 3);
    cr_expect_eq(view->rotation.sources[0], 2);
    cr_expect_eq(view->rotation.interval_us, 10000000);
    cr_expect_eq(view->layout->cell_count, 1);
    cr_expect_eq(view->rung_count, 3);
    cr_expect_eq(view->rungs[1].id, 1);
    cr_expect_eq(view->rungs[1].codec, VIDEO_VP8);
    cr_expect_eq(view->rungs[1].width, 640);
    cr_expect_eq(view->rungs[1].kbps, 500);
    cr_expect_eq(view->rungs[2].codec, VIDEO_H264);
    program_unref(program);
}

Test(program, makes_the_grid_of_a_wall_as_large_as_the_meeting)
{
    Program *program = parse_changed("'revision':3", "'revision':3", NULL);
    cr_assert_not_null(program);
    const ProgramView *view = &program->views[1];
    cr_expect_eq(view->id, 4);
    cr_expect_eq(view->floor, 0);
    cr_expect_eq(view->layout->cell_count, 2);
    program_unref(program);
}

Test(program, takes_nobody_for_the_spotlight)
{
    Program *program = parse_changed("'spotlight':2", "'spotlight':null", NULL);
    cr_assert_not_null(program);
    cr_expect_eq(program->views[0].spotlight, 0);
    program_unref(program);
}

Test(program, takes_a_meeting_without_seats)
{
    Problem problem = {0};
    json_t *request = load(good);
    json_object_set_new(request, "seats", json_array());
    json_t *view = json_array_get(json_object_get(request, "views"), 0);
    const char *const bound[] = {"spotlight", "floor", "chair", "share"};
    for (size_t i = 0; i < G_N_ELEMENTS(bound); i++) {
        json_object_del(view, bound[i]);
    }
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
    expect_refusal("'width':1280", "'width':1281", "views[0].width");
    expect_refusal("'width':1280", "'width':1922", "views[0].width");
    expect_refusal("'width':1280", "'width':0", "views[0].width");
    expect_refusal("'width':1280", "'width':-1280", "views[0].width");
    expect_refusal("'width':1280", "'width':1280.0", "views[0].width");
    expect_refusal("'width':1280", "'width':'1280'", "views[0].width");
    expect_refusal("'height':720", "'height':721", "views[0].height");
    expect_refusal("'height':720", "'height':2160", "views[0].height");
    expect_refusal("'height':720", "'height':null", "views[0].height");
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
    expect_refusal("640", "641", "views[0].rungs[1].width");
    expect_refusal("640", "1282", "views[0].rungs[1].width");
    expect_refusal("360", "722", "views[0].rungs[1].height");
    expect_refusal("'id':1", "'id':0", "views[0].rungs[1].id");
    expect_refusal("'id':1", "'id':65536", "views[0].rungs[1].id");
    expect_refusal("'id':32", "'id':1", "views[1].rungs[0].id");
    expect_refusal("'H264'", "'H265'", "views[0].rungs[2].codec");
    expect_refusal("'codec':'H264',", "", "views[0].rungs[2].codec");
    expect_refusal("'fps':25,'kbps':1500", "'fps':26,'kbps':1500", "views[0].rungs[0].fps");
    expect_refusal("'kbps':500", "'kbps':0", "views[0].rungs[1].kbps");
    expect_refusal("'kbps':500", "'kbps':1000000", "views[0].rungs[1].kbps");
    expect_refusal("{'id':1,'codec':'VP8','width':640,'height':360,'fps':25,'kbps':500}", "7",
                   "views[0].rungs[1]");
    expect_refusal("'rungs':[", "'rungs':[],'other':[", "views[0].rungs");
    expect_refusal("'rungs'", "'ladder'", "views[0].rungs");
}

Test(program, refuses_bad_views_and_names_them)
{
    expect_refusal("'id':4", "'id':0", "views[1].id");
    expect_refusal("'id':4", "'id':8", "views[1].id");
    expect_refusal("'name':'Chung'", "'name':5", "views[0].name");
    expect_refusal("'views':[", "'views':[],'other':[", "views");
    expect_refusal("'views':[", "'views':[7,", "views[0]");
}

Test(program, refuses_a_bad_rotation)
{
    expect_refusal("'interval_s':10", "'interval_s':1", "views[0].rotate.interval_s");
    expect_refusal("[2,1,7,2]", "[2,0,7,2]", "views[0].rotate.sources");
    expect_refusal("[2,1,7,2]", "5", "views[0].rotate.sources");
    expect_refusal("'rotate':{", "'rotate':1,'other':{", "views[0].rotate");
}

Test(program, refuses_bad_layouts_and_names_the_cell)
{
    expect_refusal("'x':0,", "'x':0.5,", "views[0].layout.cells[0].w");
    expect_refusal("'floor','x'", "'balcony','x'", "views[0].layout.cells[0].role");
    expect_refusal("'cells':[{'role':'floor','x':0,'y':0,'w':1,'h':1}]", "'cells':[]",
                   "views[0].layout.cells");
    expect_refusal("{'name':'1',", "{", "views[0].layout.name");
    expect_refusal("'seats','x'", "'sites','x'", "views[1].layout.cells[0].grid");
    expect_refusal("'layout':{'name':'1','cells':[{'role':'floor','x':0,'y':0,'w':1,'h':1}]}",
                   "'layout':'1'", "views[0].layout");
}

Test(program, refuses_whom_a_view_names_but_nobody_seated)
{
    expect_refusal("'spotlight':2", "'spotlight':9", "views[0].spotlight");
    expect_refusal("'spotlight':2", "'spotlight':0", "views[0].spotlight");
    expect_refusal("'spotlight':2", "'spotlight':'2'", "views[0].spotlight");
    expect_refusal("'floor':1", "'floor':9", "views[0].floor");
    expect_refusal("'chair':1", "'chair':9", "views[0].chair");
    expect_refusal("'share':2", "'share':9", "views[0].share");
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

Test(program, reads_what_is_written_on_the_picture)
{
    Problem problem = {0};
    Program *program = parse_changed("'revision':3,'title':'Giao ban'",
                                     "'revision':3,'title':'Giao ban','recording_mark':true,"
                                     "'speaking':{'source':2,'since_s':75,'limit_s':300}",
                                     &problem);
    cr_assert_not_null(program, "%s", problem.message);
    cr_expect_str_eq(program->title, "Giao ban");
    cr_expect(program->is_recorded);
    cr_expect_eq(program->speaking.source, 2);
    cr_expect_eq(program->speaking.used_us, 75000000);
    cr_expect_eq(program->speaking.limit_us, 300000000);
    program_unref(program);
    program = parse_changed("'name':'Chung'", "'banner':'Tạm nghỉ','clock':true,'show_title':true",
                            &problem);
    cr_assert_not_null(program, "%s", problem.message);
    cr_expect_str_eq(program->views[0].banner, "Tạm nghỉ");
    cr_expect(program->views[0].has_clock && program->views[0].shows_title);
    cr_expect_null(program->views[1].banner);
    program_unref(program);
    program = parse_changed("'muted':false,'note':''", "'hand':3,'link':'poor'", &problem);
    cr_assert_not_null(program, "%s", problem.message);
    cr_expect_eq(program->seats[0].hand, 3);
    cr_expect(program->seats[0].has_poor_link);
    program_unref(program);
}

Test(program, refuses_what_cannot_be_written_on_the_picture)
{
    g_autofree char *endless = g_strnfill(LIMIT_BANNER_CHARS + 1, 'a');
    g_autofree char *banner = g_strdup_printf("'banner':'%s'", endless);
    expect_refusal("'name':'Chung'", banner, "views[0].banner");
    expect_refusal("'name':'Chung'", "'banner':3", "views[0].banner");
    expect_refusal("'name':'Chung'", "'clock':1", "views[0].clock");
    expect_refusal("'muted':false,'note':''", "'hand':0", "seats[0].hand");
    expect_refusal("'muted':false,'note':''", "'link':'bad'", "seats[0].link");
    expect_refusal("'title':'Giao ban'", "'speaking':{'source':9,'since_s':1}", "speaking.source");
    expect_refusal("'title':'Giao ban'", "'speaking':{'source':1,'since_s':-1}",
                   "speaking.since_s");
    expect_refusal("'title':'Giao ban'", "'speaking':{'source':1,'since_s':1,'limit_s':0}",
                   "speaking.limit_s");
}

static const char *const record =
    "'revision':3,'record':[{'id':9,'view':4,'directory':'/data/9','epoch_us':77,"
    "'reserve_bytes':1048576}]";

Test(program, reads_what_is_recorded_and_finds_its_rung)
{
    Problem problem = {0};
    Program *program = parse_changed("'revision':3", record, &problem);
    cr_assert_not_null(program, "%s", problem.message);
    cr_assert_eq(program->record_count, 1);
    cr_expect_eq(program->records[0].id, 9);
    cr_expect_eq(program->records[0].rung, 32);
    cr_expect_str_eq(program->records[0].directory, "/data/9");
    cr_expect_eq(program->records[0].epoch_us, 77);
    cr_expect_eq(program->records[0].reserve_bytes, 1048576);
    program_unref(program);
}

Test(program, refuses_bad_records_and_names_them)
{
    expect_refusal("'revision':3", "'revision':3,'record':7", "record");
    expect_refusal("'revision':3", "'revision':3,'record':[7]", "record[0]");
    expect_refusal("'revision':3",
                   "'revision':3,'record':[{'id':9,'view':2,'directory':'/d','epoch_us':0}]",
                   "record[0].view");
    expect_refusal("'revision':3",
                   "'revision':3,'record':[{'id':9,'view':0,'directory':'','epoch_us':0}]",
                   "record[0].directory");
    expect_refusal("'revision':3",
                   "'revision':3,'record':[{'id':9,'view':0,'directory':'/d','epoch_us':0},"
                   "{'id':9,'view':4,'directory':'/e','epoch_us':0}]",
                   "record[1].id");
}
