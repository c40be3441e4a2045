#include <criterion/criterion.h>

#include "bridge/rtc/reception.h"

#define MS INT64_C(1000)
#define START (1000 * MS)

static void hear(Reception *reception, uint32_t number, int64_t now_us)
{
    RtpPacket packet = {.seq = (uint16_t)number, .timestamp = number * 960};
    reception_on_packet(reception, &packet, 48000, now_us);
}

Test(reception, reports_no_loss_of_a_whole_stream)
{
    Reception reception = {0};
    RtcpReportBlock block;
    for (int i = 0; i < 100; i++) {
        hear(&reception, 65500U + (uint32_t)i, START + i * 20 * MS);
    }
    reception_write_report(&reception, 7, START, &block);
    cr_expect_eq(block.ssrc, 7);
    cr_expect_eq(block.fraction_lost, 0);
    cr_expect_eq(block.packets_lost, 0);
    cr_expect_eq(block.jitter, 0);
    cr_expect_eq(block.highest_seq & 0xffff, (65500 + 99) & 0xffff);
}

Test(reception, counts_the_fraction_of_the_interval_and_the_total)
{
    Reception reception = {0};
    RtcpReportBlock block;
    for (int i = 0; i < 100; i++) {
        if (i % 4 != 3) {
            hear(&reception, (uint32_t)i, START + i * 20 * MS);
        }
    }
    hear(&reception, 99, START + 99 * 20 * MS);
    reception_write_report(&reception, 7, START, &block);
    cr_expect_eq(block.packets_lost, 24);
    cr_expect_eq(block.fraction_lost, 24 * 256 / 100);
    for (int i = 100; i < 200; i++) {
        hear(&reception, (uint32_t)i, START + i * 20 * MS);
    }
    reception_write_report(&reception, 7, START, &block);
    cr_expect_eq(block.packets_lost, 24);
    cr_expect_eq(block.fraction_lost, 0);
}

Test(reception, measures_jitter_in_clock_ticks)
{
    Reception reception = {0};
    RtcpReportBlock block;
    for (int i = 0; i < 400; i++) {
        hear(&reception, (uint32_t)i, START + i * 20 * MS + (i % 2) * 5 * MS);
    }
    reception_write_report(&reception, 7, START, &block);
    cr_expect_float_eq((double)block.jitter, 5 * 48, 4);
}

Test(reception, the_packets_of_one_picture_are_not_jitter)
{
    Reception reception = {0};
    RtcpReportBlock block;
    for (uint16_t i = 0; i < 400; i++) {
        RtpPacket packet = {.seq = i, .timestamp = i / 8 * 3600U};
        reception_on_packet(&reception, &packet, 90000, START + i / 8 * 40 * MS + i % 8 * MS);
    }
    reception_write_report(&reception, 7, START, &block);
    cr_expect_lt(block.jitter, 2);
}

Test(reception, echoes_the_last_sender_report)
{
    Reception reception = {0};
    RtcpReportBlock block;
    hear(&reception, 1, START);
    reception_write_report(&reception, 7, START, &block);
    cr_expect_eq(block.last_sr, 0);
    cr_expect_eq(block.delay_since_last_sr, 0);
    reception_on_sender_report(&reception, UINT64_C(0x1122334455667788), START);
    reception_write_report(&reception, 7, START + 500 * MS, &block);
    cr_expect_eq(block.last_sr, 0x33445566);
    cr_expect_eq(block.delay_since_last_sr, 32768);
}

Test(reception, duplicates_make_the_loss_negative_not_huge)
{
    Reception reception = {0};
    RtcpReportBlock block;
    for (int i = 0; i < 10; i++) {
        hear(&reception, 5, START);
    }
    reception_write_report(&reception, 7, START, &block);
    cr_expect_eq(block.packets_lost, -9);
    cr_expect_eq(block.fraction_lost, 0);
}
