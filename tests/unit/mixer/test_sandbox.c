#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bridge/mixer/sandbox.h"

/* Each test is a process of its own. */
static void enter(void)
{
    g_autoptr(GError) error = NULL;
    cr_assert(sandbox_enter(&error), "%s", error == NULL ? "" : error->message);
}

Test(sandbox, has_no_network)
{
    enter();
    static const int families[] = {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
        errno = 0;
        cr_expect_eq(socket(families[i], SOCK_DGRAM, 0), -1, "family %d", families[i]);
        cr_expect_eq(errno, EACCES);
    }
    int local = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    cr_expect_geq(local, 0, "the relay is still reached");
    close(local);
}

Test(sandbox, starts_no_program_and_gains_no_privilege)
{
    enter();
    errno = 0;
    cr_expect_eq(execl("/bin/false", "false", (char *)NULL), -1);
    cr_expect_eq(errno, EPERM);
    cr_expect_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    errno = 0;
    cr_expect_eq(unshare(CLONE_NEWUSER), -1);
    cr_expect_eq(errno, EPERM);
    cr_expect_eq(syscall(SYS_setuid, 0), -1);
}

Test(sandbox, leaves_no_core_dump)
{
    enter();
    struct rlimit limit;
    getrlimit(RLIMIT_CORE, &limit);
    cr_expect_eq(limit.rlim_max, 0);
}

static void *work(void *data)
{
    *(int *)data = socket(AF_INET, SOCK_STREAM, 0);
    return NULL;
}

Test(sandbox, lets_threads_start_and_holds_for_them)
{
    enter();
    int fd = 0;
    GThread *thread = g_thread_new("late", work, &fd);
    g_thread_join(thread);
    cr_expect_eq(fd, -1);
}

Test(sandbox, still_writes_files)
{
    g_autofree char *dir = g_dir_make_tmp("sandbox-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "recording.part", NULL);
    g_autofree char *name = g_build_filename(dir, "recording.webm", NULL);
    enter();
    cr_expect(g_file_set_contents(path, "x", 1, NULL));
    int fd = open(path, O_WRONLY | O_APPEND);
    cr_expect_eq(write(fd, "y", 1), 1);
    cr_expect_eq(fsync(fd), 0);
    close(fd);
    cr_expect_eq(rename(path, name), 0);
    cr_expect_eq(unlink(name), 0);
}
