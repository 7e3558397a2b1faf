/* The processor alone: a loop of integer arithmetic (per round) and SHA-256 (per byte). */
#include "bench.h"
#include <stdint.h>

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static uint32_t root_bits(int prime, double power)
{
    double low = 1, high = prime;
    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if ((power == 2 ? middle * middle : middle * middle * middle) > prime)
            high = middle;
        else
            low = middle;
    }
    return (uint32_t)((low - (int)low) * 4294967296.0);
}

static uint32_t k[64], state[8];

static void prepare(void)
{
    int found = 0;
    for (int n = 2; found < 64; n++) {
        int prime = 1;
        for (int d = 2; d * d <= n; d++)
            prime &= n % d != 0;
        if (!prime)
            continue;
        if (found < 8)
            state[found] = root_bits(n, 2);
        k[found++] = root_bits(n, 3);
    }
}

static void block(const uint8_t *data)
{
    uint32_t w[64], a[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)data[4 * i] << 24 | data[4 * i + 1] << 16 | data[4 * i + 2] << 8 | data[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    memcpy(a, state, sizeof a);
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = rotate(a[4], 6) ^ rotate(a[4], 11) ^ rotate(a[4], 25);
        uint32_t t1 = a[7] + s1 + ((a[4] & a[5]) ^ (~a[4] & a[6])) + k[i] + w[i];
        uint32_t s0 = rotate(a[0], 2) ^ rotate(a[0], 13) ^ rotate(a[0], 22);
        uint32_t t2 = s0 + ((a[0] & a[1]) ^ (a[0] & a[2]) ^ (a[1] & a[2]));
        for (int j = 7; j > 0; j--)
            a[j] = a[j - 1];
        a[4] += t1;
        a[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        state[i] += a[i];
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 20000000, blocks = argc > 2 ? atoi(argv[2]) : 20000;
    volatile uint32_t result;
    uint32_t x = 12345, y = 0;
    double started = now();
    for (int i = 0; i < rounds; i++) {
        x = x * 1103515245 + 12345;
        y += x >> 16 ^ i;
        if (y & 1)
            y ^= 0x5bd1e995;
    }
    result = y;
    report("integer-loop", started, rounds);
    static uint8_t message[64] = "abc\x80";
    message[63] = 24;
    prepare();
    block(message);
    if (state[0] != 0xba7816bf || state[7] != 0xf20015ad)
        return 1;
    started = now();
    for (int i = 0; i < blocks; i++)
        block(message);
    report("sha-256", started, 64.0 * blocks);
    return result == 1 && state[0] == 1;
}
