/* A process with nothing but a control door, to be started, adopted, killed and stopped by tests:
 * control_process SOCKET. */
#include <jansson.h>
#include <unistd.h>

#include "bridge/base/control.h"
#include "bridge/base/loop.h"

static json_t *hello(void *owner, json_t *request, Problem *problem)
{
    return json_pack("{s:s, s:i}", "process", "test", "pid", (int)getpid());
}

static void on_orphaned(void *owner)
{
    loop_stop();
}

int main(int argc, char **argv)
{
    static const ControlOp ops[] = {{"hello", hello}, {NULL, NULL}};
    ControlOptions options = {.path = argv[argc - 1], .ops = ops, .on_orphaned = on_orphaned};
    Control *control = control_new(&options, NULL);
    if (control == NULL) {
        return 1;
    }
    loop_run();
    control_free(control);
    return 0;
}
