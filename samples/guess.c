/* A console input loop:  x86_64-w64-mingw32-gcc -O1 -s -o guess.exe guess.c */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int number = argc > 1 ? atoi(argv[1]) : 42;
    char line[80];

    for (int tries = 1;; tries++) {
        printf("Your guess (1 to 100)? ");
        fflush(stdout);
        if (fgets(line, sizeof line, stdin) == NULL) {
            printf("\nIt was %d.\n", number);
            return 1;
        }
        char *end;
        long guess = strtol(line, &end, 10);
        if (end == line)
            printf("That is no number.\n");
        else if (guess == number) {
            printf("Right, after %d tr%s.\n", tries, tries == 1 ? "y" : "ies");
            return 0;
        } else
            printf("Too %s.\n", guess < number ? "low" : "high");
    }
}
