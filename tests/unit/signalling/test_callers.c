#include <criterion/criterion.h>
#include <glib.h>

#include "bridge/base/limits.h"
#include "signalling/callers.h"

static void leave_all(GPtrArray *callers)
{
    for (guint i = 0; i < callers->len; i++) {
        caller_leave(g_ptr_array_index(callers, i));
    }
    g_ptr_array_unref(callers);
}

/* How many sockets one address gets. */
static int fill_sockets(Callers *callers, const char *address, GPtrArray *ret_in)
{
    int sockets = 0;
    for (;;) {
        Caller *caller = callers_arrive(callers, address);
        if (caller == NULL) {
            return sockets;
        }
        g_ptr_array_add(ret_in, caller);
        if (!caller_open_socket(caller)) {
            return sockets;
        }
        sockets++;
    }
}

Test(callers, gives_one_address_a_few_unauthenticated_sockets)
{
    Callers *callers = callers_new();
    GPtrArray *in = g_ptr_array_new();
    cr_assert_eq(fill_sockets(callers, "10.0.0.1", in), LIMIT_UNAUTHENTICATED_PER_ADDRESS);
    cr_assert_eq(fill_sockets(callers, "10.0.0.2", in), LIMIT_UNAUTHENTICATED_PER_ADDRESS);
    cr_assert_eq(callers_refused(callers), 2);
    leave_all(in);
    callers_free(callers);
}

Test(callers, gives_loopback_room_for_a_fleet)
{
    Callers *callers = callers_new();
    GPtrArray *in = g_ptr_array_new();
    cr_assert_eq(fill_sockets(callers, "::ffff:127.0.0.1", in), LIMIT_UNAUTHENTICATED_LOOPBACK);
    cr_assert_eq(fill_sockets(callers, "10.0.0.1", in), LIMIT_UNAUTHENTICATED_PER_ADDRESS);
    leave_all(in);
    callers_free(callers);
}

Test(callers, bounds_all_addresses_together)
{
    Callers *callers = callers_new();
    GPtrArray *in = g_ptr_array_new();
    int sockets = 0;
    for (int i = 1; i < 100; i++) {
        g_autofree char *address = g_strdup_printf("10.0.0.%d", i);
        sockets += fill_sockets(callers, address, in);
    }
    cr_assert_eq(sockets, LIMIT_UNAUTHENTICATED);
    leave_all(in);
    callers_free(callers);
}

Test(callers, counts_nobody_who_has_said_who_he_is)
{
    Callers *callers = callers_new();
    GPtrArray *in = g_ptr_array_new();
    for (int i = 0; i < 3 * LIMIT_YOUNG_CONNECTIONS_PER_ADDRESS; i++) {
        Caller *caller = callers_arrive(callers, "10.0.0.1");
        cr_assert_not_null(caller);
        cr_assert(caller_open_socket(caller));
        caller_identify(caller);
        caller_identify(caller);
        g_ptr_array_add(in, caller);
    }
    leave_all(in);
    callers_free(callers);
}

Test(callers, bounds_the_connections_of_one_address)
{
    Callers *callers = callers_new();
    GPtrArray *in = g_ptr_array_new();
    Caller *caller = NULL;
    while ((caller = callers_arrive(callers, "10.0.0.1")) != NULL) {
        g_ptr_array_add(in, caller);
    }
    cr_assert_eq(in->len, LIMIT_YOUNG_CONNECTIONS_PER_ADDRESS);
    caller_leave(g_ptr_array_remove_index(in, 0));
    caller = callers_arrive(callers, "10.0.0.1");
    cr_assert_not_null(caller);
    g_ptr_array_add(in, caller);
    leave_all(in);
    callers_free(callers);
}

Test(callers, takes_a_whole_ipv6_network_for_one_address)
{
    Callers *callers = callers_new();
    GPtrArray *in = g_ptr_array_new();
    cr_assert_eq(fill_sockets(callers, "2001:db8:0:1::1", in), LIMIT_UNAUTHENTICATED_PER_ADDRESS);
    cr_assert_eq(fill_sockets(callers, "2001:db8:0:1::2", in), 0);
    cr_assert_eq(fill_sockets(callers, "2001:db8:0:2::1", in), LIMIT_UNAUTHENTICATED_PER_ADDRESS);
    leave_all(in);
    callers_free(callers);
}

Test(callers, lets_one_connection_open_one_socket)
{
    Callers *callers = callers_new();
    Caller *caller = callers_arrive(callers, "10.0.0.1");
    cr_assert(caller_open_socket(caller));
    cr_assert_not(caller_open_socket(caller));
    caller_leave(caller);
    callers_free(callers);
}
