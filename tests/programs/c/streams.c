/* Streams and descriptors: text that ends in a carriage return, what fflush does to input, wide text in a locale, FILEs
   that are copied over others, the table of descriptors, standard handles. */
#include <errno.h>
#include <fcntl.h>
#include <direct.h>
#include <io.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <wchar.h>
#include <windows.h>

typedef struct {
    HANDLE handle;
    unsigned char state;
    char ahead[3];
    int encoding;
    CRITICAL_SECTION lock;
} Info;

__declspec(dllimport) extern Info *__pioinfo[];

static void put(const char *name, const void *data, unsigned size)
{
    FILE *file = fopen(name, "wb");
    fwrite(data, 1, size, file);
    fclose(file);
}

static void show(const char *title, int got, const void *data, unsigned size)
{
    const unsigned char *bytes = data;
    printf("%s %d:", title, got);
    for (unsigned i = 0; i < size; i++)
        printf(" %02x", bytes[i]);
    printf("\n");
}

static void returns(void)
{
    char out[16];
    put("text.txt", "one\r\ntwo\r\nthree\r", 16);
    for (int count = 1; count < 12; count++)
    {
        int fd = _open("text.txt", _O_RDONLY | _O_TEXT), got;
        printf("by %d:", count);
        while ((got = _read(fd, out, count)) > 0)
            printf(" %d@%ld", got, _tell(fd));
        printf("\n");
        _close(fd);
    }
    FILE *file = fopen("text.txt", "r");
    setvbuf(file, NULL, _IOFBF, 4);
    for (int c; (c = fgetc(file)) != EOF;)
        if (c == '\n')
            printf(" %ld", ftell(file));
    printf("\n");
    fclose(file);
}

static void unicode(void)
{
    char out[32];
    put("wide.txt", "\xff\xfe" "a\0\r\0\n\0b", 9);
    int fd = _open("wide.txt", _O_RDONLY | _O_WTEXT);
    memset(out, 0x55, sizeof(out));
    int got = _read(fd, out, 4);
    show("units", got, out, 6);
    got = _read(fd, out, 4);
    show("units", got, out, 6);
    got = _read(fd, out, 4);
    show("units", got, out, 6);
    _close(fd);
    put("utf8.txt", "\xef\xbb\xbf" "a\r\n\xc4\x85z", 8);
    fd = _open("utf8.txt", _O_RDONLY | _O_WTEXT);
    got = _read(fd, out, 20);
    show("from UTF-8", got, out, got > 0 ? got : 0);
    _close(fd);
}

static void pipes(void)
{
    int ends[2];
    char out[8];
    printf("pipe %d\n", _pipe(ends, 256, _O_BINARY));
    _write(ends[1], "\r\n\rab\r\n", 7);
    _setmode(ends[0], _O_TEXT);
    for (int i = 0; i < 3; i++)
    {
        int got = _read(ends[0], out, 1);
        show("pipe", got, out, 1);
    }
    int got = _read(ends[0], out, 2);
    show("pipe", got, out, 2);
    _write(ends[1], "a\0b", 3);
    _setmode(ends[0], _O_WTEXT);
    got = _read(ends[0], out, 4);
    show("pipe of units", got, out, 2);
    _close(ends[0]);
    _close(ends[1]);
}

static void flushing(void)
{
    char out[8] = "";
    put("ten.bin", "0123456789", 10);
    FILE *file = fopen("ten.bin", "rb");
    fread(out, 1, 3, file);
    _lseek(_fileno(file), 1, SEEK_SET);
    printf("fflush %d", fflush(file));
    printf(", then %c at %ld\n", fgetc(file), ftell(file));
    _lseek(_fileno(file), 5, SEEK_SET);
    printf("fflush(NULL) %d", fflush(NULL));
    printf(", then %c\n", fgetc(file));
    _lseek(_fileno(file), 5, SEEK_SET);
    printf("_flushall %d", _flushall() > 0);
    printf(", then %c\n", fgetc(file));
    printf("fclose %d", fclose(file));
    errno = 99;
    printf(", again %d with errno %d\n", fclose(file), errno);
}

static void wide(const char *locale)
{
    wchar_t line[16];
    printf("%s: %d\n", locale, setlocale(LC_CTYPE, locale) != NULL);
    put("narrow.txt", "A\x83\xa9\n\xe9!", 6);
    FILE *file = fopen("narrow.txt", "r");
    if (fgetws(line, 16, file))
        for (unsigned i = 0; line[i]; i++)
            printf("%04x ", line[i]);
    printf("|");
    for (wint_t c; (c = fgetwc(file)) != WEOF;)
        printf(" %04x", c);
    printf("\n");
    fclose(file);
    setlocale(LC_CTYPE, "C");
}

static void whole(int size)
{
    static char data[4097], back[4096];
    memset(data, 'x', sizeof(data));
    FILE *file = fopen("whole.bin", "wb+");
    fwrite(data, 1, size, file);
    struct _stat known;
    _fstat(_fileno(file), &known);
    printf("of %d bytes %d are written\n", size, (int)known.st_size);
    rewind(file);
    fwrite(data, 1, size / 2, file);
    fwrite(data, 1, size - size / 2, file);
    fclose(file);
    file = fopen("whole.bin", "rb");
    printf("and read %d\n", (int)fread(back, 1, 4096, file));
    fclose(file);
}

static void copied(void)
{
    FILE *file = fopen("copied.txt", "w"), saved;
    fflush(stdout);
    saved = *stdout;
    *stdout = *file;
    printf("to the file\n");
    fflush(stdout);
    *stdout = saved;
    printf("descriptor %d\n", _fileno(stdout));
    fclose(file);
    char line[32] = "";
    file = fopen("copied.txt", "r");
    printf("%s", fgets(line, 32, file));
    fclose(file);
}

static void table(void)
{
    HANDLE handle = CreateFileA("table.bin", GENERIC_READ | GENERIC_WRITE, 3, NULL, CREATE_ALWAYS, 0, NULL);
    int fd = _open_osfhandle((intptr_t)handle, _O_APPEND);
    Info *info = &__pioinfo[fd / 32][fd % 32];
    printf("same handle %d, state %x\n", info->handle == handle, info->state);
    _setmode(fd, _O_TEXT);
    printf("state %x\n", info->state);
    info->handle = INVALID_HANDLE_VALUE; /* as programs do that have a socket there */
    _close(fd);
    printf("free %d, state %x, still open %d\n", info->handle == INVALID_HANDLE_VALUE, info->state, CloseHandle(handle));
}

static void standard(void)
{
    int copy = _dup(0), fd;
    _close(0);
    printf("none %d\n", GetStdHandle(STD_INPUT_HANDLE) == NULL);
    fd = _open("ten.bin", _O_RDONLY);
    printf("descriptor %d, its handle %d\n", fd, GetStdHandle(STD_INPUT_HANDLE) == (HANDLE)_get_osfhandle(0));
    _dup2(copy, 0);
    printf("its handle %d\n", GetStdHandle(STD_INPUT_HANDLE) == (HANDLE)_get_osfhandle(0));
    Info saved = __pioinfo[0][1];
    fflush(stdout);
    HANDLE handle = CreateFileA("table.bin", GENERIC_READ | GENERIC_WRITE, 3, NULL, CREATE_ALWAYS, 0, NULL);
    __pioinfo[0][1].handle = handle;
    int result = _close(1);
    __pioinfo[0][1] = saved;
    SetStdHandle(STD_OUTPUT_HANDLE, saved.handle);
    printf("closed %d, its file too %d\n", result, !CloseHandle(handle));
}

static void denied(void)
{
    char c;
    int fd = _open("text.txt", _O_WRONLY);
    errno = 0;
    _doserrno = 0;
    int got = _read(fd, &c, 1);
    printf("read %d: errno %d, %lu\n", got, errno, _doserrno);
    _close(fd);
    fd = _open("text.txt", _O_RDONLY);
    got = _write(fd, "x", 1);
    printf("write %d: errno %d, %lu\n", got, errno, _doserrno);
    _close(fd);
    struct _stat known;
    _mkdir("folder");
    printf("%d %d %d\n", _stat("folder  ", &known), _stat("folder\\ ", &known), _stat("c:", &known));
    _rmdir("folder");
}

int main(void)
{
    returns();
    unicode();
    pipes();
    flushing();
    wide("C");
    wide("English_United States.1252");
    wide("Japanese_Japan.932");
    whole(4095);
    whole(4096);
    whole(4097);
    copied();
    table();
    standard();
    denied();
    return 0;
}
