#include "endpoints/device/assembler.h"

#include <glib.h>

#include "bridge/base/vp8.h"

struct Assembler {
    AssemblerFunc deliver;
    void *data;
    GByteArray *frame;
    uint32_t timestamp;
    bool is_open; /* the frame's first packet has come, and every one since */
    bool needs_key;
};

Assembler *assembler_new(AssemblerFunc deliver, void *data)
{
    Assembler *assembler = g_new0(Assembler, 1);
    assembler->deliver = deliver;
    assembler->data = data;
    assembler->frame = g_byte_array_new();
    assembler->needs_key = true;
    return assembler;
}

void assembler_free(Assembler *assembler)
{
    if (assembler != NULL) {
        g_byte_array_unref(assembler->frame);
        g_free(assembler);
    }
}

bool assembler_needs_key(const Assembler *assembler)
{
    return assembler->needs_key;
}

void assembler_want_key(Assembler *assembler)
{
    assembler->needs_key = true;
}

static void give_up(Assembler *assembler)
{
    assembler->is_open = false;
    assembler->needs_key = true;
}

static void finish(Assembler *assembler)
{
    AssemblerFrame frame = {
        .bytes = assembler->frame->data,
        .size = assembler->frame->len,
        .timestamp = assembler->timestamp,
    };
    assembler->is_open = false;
    frame.is_key = vp8_read_key_frame(frame.bytes, frame.size, &frame.width, &frame.height);
    if (assembler->needs_key && !frame.is_key) {
        return;
    }
    assembler->needs_key = false;
    assembler->deliver(&frame, assembler->data);
}

static void open_frame(Assembler *assembler, const InOrderPacket *packet)
{
    if (assembler->is_open) {
        /* The last packet of the frame before never came. */
        assembler->needs_key = true;
    }
    g_byte_array_set_size(assembler->frame, 0);
    assembler->timestamp = packet->timestamp;
    assembler->is_open = true;
}

void assembler_push(Assembler *assembler, const InOrderPacket *packet)
{
    bool starts = false;
    if (packet->after_loss) {
        give_up(assembler);
    }
    if (packet->size == 0) {
        return;
    }
    size_t skip = vp8_read_descriptor(packet->payload, packet->size, &starts);
    if (skip == 0) {
        give_up(assembler);
        return;
    }
    if (starts) {
        open_frame(assembler, packet);
    } else if (!assembler->is_open) {
        return;
    } else if (packet->timestamp != assembler->timestamp) {
        give_up(assembler);
        return;
    }
    size_t size = packet->size - skip;
    if (assembler->frame->len + size > ASSEMBLER_FRAME_BYTES) {
        give_up(assembler);
        return;
    }
    g_byte_array_append(assembler->frame, packet->payload + skip, (guint)size);
    if (packet->marker) {
        finish(assembler);
    }
}
