/* The heap: small blocks freed and allocated in turns, and many allocated before all are freed. Per malloc and free. */
#include "bench.h"

enum { HELD = 64, TURNS = 200000, MANY = 20000 };

static void *held[HELD], *many[MANY];

int main(void)
{
    double started = now();
    for (int i = 0; i < TURNS; i++) {
        free(held[i % HELD]);
        *(int *)(held[i % HELD] = malloc(8 + i * 37 % 400)) = i;
    }
    report("malloc-in-turns", started, TURNS);
    started = now();
    for (int i = 0; i < MANY; i++)
        *(int *)(many[i] = malloc(40)) = i;
    for (int i = 0; i < MANY; i++)
        free(many[i]);
    report("malloc-many", started, MANY);
    return 0;
}
