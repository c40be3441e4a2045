/* The Content-Disposition header of a download with a name in any language (RFC 6266, RFC 8187):
 * the name as it is for those who can, one without diacritics for those who cannot. Any thread. */
#pragma once

/* `name` is UTF-8; what no file name may hold becomes "-". The caller frees the value. */
char *disposition_attachment(const char *name);
