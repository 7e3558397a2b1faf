/* Floating point: two matrices of doubles multiplied (per multiplication and addition), the plain triple loop. */
#include "bench.h"

#define N 160

static double a[N][N], b[N][N], c[N][N];

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 2;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (i + j) % 7 - 3;
            b[i][j] = (i * j) % 5 - 2;
        }
    double started = now();
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                double sum = 0;
                for (int k = 0; k < N; k++)
                    sum += a[i][k] * b[k][j];
                c[i][j] = sum;
            }
    report("matrix", started, (double)rounds * N * N * N);
    double trace = 0;
    for (int i = 0; i < N; i++)
        trace += c[i][i];
    return trace == 1234567;
}
