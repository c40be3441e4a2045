#include "bridge/base/problem.h"

#include <stdarg.h>
#include <stdio.h>

bool problem_set(Problem *problem, const char *code, const char *field, const char *format, ...)
{
    if (problem == NULL) {
        return false;
    }
    g_strlcpy(problem->code, code, sizeof problem->code);
    g_strlcpy(problem->field, field, sizeof problem->field);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->message, sizeof problem->message, format, arguments);
    va_end(arguments);
    return false;
}

bool problem_within(Problem *problem, const char *path_format, ...)
{
    if (problem == NULL) {
        return false;
    }
    Problem inner = *problem;
    bool has_field = inner.field[0] != '\0';
    va_list arguments;
    va_start(arguments, path_format);
    g_autofree char *path = g_strdup_vprintf(path_format, arguments);
    va_end(arguments);
    g_autofree char *field = g_strdup_printf("%s%s%s", path, has_field ? "." : "", inner.field);
    return problem_set(problem, inner.code, field, "%s%s%s", path, has_field ? "." : ": ",
                       inner.message);
}
