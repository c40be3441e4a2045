#include "bridge/mixer/watch.h"

#include "bridge/base/bytes.h"

bool watch_update(Watch *watch, const uint8_t *body, size_t size)
{
    if (size % 2 != 0 || size / 2 > LIMIT_RUNGS) {
        return false;
    }
    ByteReader reader = byte_reader(body, size);
    watch->count = size / 2;
    for (size_t i = 0; i < watch->count; i++) {
        watch->rungs[i] = read_u16(&reader);
    }
    watch->has_begun = watch->has_begun || watch->count > 0;
    return true;
}

void watch_add(Watch *watch, uint16_t rung)
{
    if (!watch_has_rung(watch, rung) && watch->count < LIMIT_RUNGS) {
        watch->rungs[watch->count++] = rung;
    }
}

bool watch_has_rung(const Watch *watch, uint16_t rung)
{
    for (size_t i = 0; i < watch->count; i++) {
        if (watch->rungs[i] == rung) {
            return true;
        }
    }
    return false;
}

bool watch_has_view(const Watch *watch, const ProgramView *view)
{
    if (!watch->has_begun) {
        return true;
    }
    for (size_t i = 0; i < view->rung_count; i++) {
        if (watch_has_rung(watch, view->rungs[i].id)) {
            return true;
        }
    }
    return false;
}
