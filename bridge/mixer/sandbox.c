#include "bridge/mixer/sandbox.h"

#include <errno.h>
#include <gio/gio.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Leak detection stops the threads with a helper process and looks at them. */
#ifdef __SANITIZE_ADDRESS__
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

/* Refused with EPERM: nothing that decodes or mixes needs them. */
static const int refused[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(acct),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(setreuid),
    SCMP_SYS(setregid),
    SCMP_SYS(setresuid),
    SCMP_SYS(setresgid),
    SCMP_SYS(setgroups),
    SCMP_SYS(capset),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(mknod),
    SCMP_SYS(mknodat),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(sethostname),
    SCMP_SYS(personality),
};

/* Where the system allows it, a network without an interface; the filter below holds anyway. */
static void leave_networks(void)
{
    (void)unshare(CLONE_NEWNET);
}

/* Nothing that root may do beyond its own files, but the precedence of sound over picture. */
static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    if (syscall(SYS_capget, &header, data) != 0) {
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(data); i++) {
        uint32_t kept = i == 0 ? CAP_TO_MASK(CAP_SYS_NICE) : 0;
        data[i].permitted &= kept;
        data[i].effective &= kept;
        data[i].inheritable = 0;
    }
    (void)syscall(SYS_capset, &header, data);
}

static void forbid_core_dumps(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (!IS_SANITIZED) {
        prctl(PR_SET_DUMPABLE, 0);
    }
}

/* The words of the runtime directory are UNIX sockets; no other kind can be made. */
static int add_rules(scmp_filter_ctx filter)
{
    int failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1,
                                   SCMP_A0(SCMP_CMP_NE, AF_UNIX));
    for (size_t i = 0; failure == 0 && i < G_N_ELEMENTS(refused); i++) {
        failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    }
    if (failure == 0 && !IS_SANITIZED) {
        failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ptrace), 0);
    }
    if (failure == 0 && !IS_SANITIZED) {
        /* Threads only: no child process. */
        failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                   SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    }
    if (failure == 0) {
        /* Its flags lie in memory, out of the filter's sight: the C library takes clone instead. */
        failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    }
    return failure;
}

static int load_filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL) {
        return -ENOMEM;
    }
    int failure = add_rules(filter);
    if (failure == 0) {
        failure = seccomp_load(filter);
    }
    seccomp_release(filter);
    return failure;
}

bool sandbox_enter(GError **error)
{
    leave_networks();
    drop_capabilities();
    forbid_core_dumps();
    int failure = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? load_filter() : -errno;
    if (failure != 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(-failure),
                    "the sandbox cannot be entered: %s", g_strerror(-failure));
    }
    return failure == 0;
}
