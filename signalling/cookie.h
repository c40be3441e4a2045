/* The Cookie header (RFC 6265 section 5.4). Any thread. */
#pragma once

/* The value of the cookie `name`; "" when there is none or more than one of that name. Free with
 * g_free. */
char *cookie_find(const char *header, const char *name);
