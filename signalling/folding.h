/* Text as people look for it: lower case and without diacritics ("Cái Bè" → "cai be", "Đông" →
 * "dong"), as the page's state/search.ts has it. Any thread. */
#pragma once

#include <stdbool.h>

/* g_free. Text that is not UTF-8 becomes "". */
char *folding_fold(const char *text);
/* Does every word of `query` occur in `text`? An empty query does. */
bool folding_matches(const char *query, const char *text);
