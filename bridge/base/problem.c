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
