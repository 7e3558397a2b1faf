/* The smallest program that prints. */
#include <stdio.h>

int main(void)
{
    puts("Hello World from LiteBox!");
    return 0;
}
