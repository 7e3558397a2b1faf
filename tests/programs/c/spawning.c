/* The C run-time starts programs: _spawn and its kin, system, _popen; descriptors are inherited. */
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    char *self = _pgmptr, line[600], text[100];
    int status = 0, ends[2];
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1 && !strcmp(argv[1], "code"))
        return atoi(argv[2]);
    if (argc > 1 && !strcmp(argv[1], "say")) {
        printf("said %s %s\n", argc > 2 ? argv[2] : "(nothing)", getenv("SAID") ? getenv("SAID") : "(none)");
        return 9;
    }
    if (argc > 1 && !strcmp(argv[1], "fd"))
        return _write(atoi(argv[2]), "through a descriptor", 20) == 20 ? 0 : 50 + errno;
    if (argc > 1 && !strcmp(argv[1], "exec")) {
        _execl(self, "self", "code", "44", NULL);
        return 45;
    }
    if (argc > 1 && !strcmp(argv[1], "count")) {
        int lines = 0;
        while (fgets(text, sizeof(text), stdin))
            lines++;
        return lines;
    }
    printf("wait: %d\n", (int)_spawnl(_P_WAIT, self, "self", "code", "3", NULL));
    const char *vector[] = {"self", "say", "vector", NULL}, *environment[] = {"SAID=yes", NULL};
    printf("vector: %d\n", (int)_spawnv(_P_WAIT, self, vector));
    printf("environment: %d\n", (int)_spawnve(_P_WAIT, self, vector, environment));
    printf("list and environment: %d\n", (int)_spawnle(_P_WAIT, self, "self", "say", "list", NULL, environment));
    intptr_t handle = _spawnl(_P_NOWAIT, self, "self", "code", "4", NULL);
    intptr_t waited = _cwait(&status, handle, _WAIT_CHILD);
    printf("later: %d, %d\n", waited == handle, status);
    handle = _spawnl(_P_WAIT, "none-of-that-name", "x", NULL);
    status = errno;
    printf("missing: %d, %d\n", (int)handle, status);
    printf("exec: %d\n", (int)_spawnl(_P_WAIT, self, "self", "exec", NULL) );
    if (!_pipe(ends, 512, _O_BINARY)) {
        snprintf(text, sizeof(text), "%d", ends[1]);
        printf("descriptor: %d\n", (int)_spawnl(_P_WAIT, self, "self", "fd", text, NULL));
        status = _read(ends[0], text, sizeof(text));
        printf("read: %.*s\n", status, text);
    }
    snprintf(line, sizeof(line), "\"%s\" say command", self);
    printf("system: %d\n", system(line));
    FILE *pipe = _popen(line, "r");
    while (pipe && fgets(text, sizeof(text), pipe))
        printf("from the pipe: %s", text);
    printf("closed: %d\n", pipe ? _pclose(pipe) : -1);
    snprintf(line, sizeof(line), "\"%s\" count", self);
    pipe = _popen(line, "w");
    fprintf(pipe, "one\ntwo\nthree\n");
    printf("counted: %d\n", _pclose(pipe));
    return 0;
}
