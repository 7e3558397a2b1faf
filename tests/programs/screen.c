/* The console as a screen: cursor, colours, cells, more than one buffer, records of keys.

   x86_64-w64-mingw32-gcc -O1 -s -o screen.exe screen.c

   Writes what goes wrong to standard error, which is no terminal, and returns how much did. With an argument it does
   one thing only, for a test that looks at the terminal. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

static int failures;

#define CHECK(what) \
    do { if (!(what)) { fprintf(stderr, "line %d: %s (error %lu)\n", __LINE__, #what, GetLastError()); failures++; } } while (0)

static HANDLE out, in;

static COORD at(int x, int y)
{
    COORD made = {(SHORT)x, (SHORT)y};
    return made;
}

static void say(HANDLE to, const char *text)
{
    DWORD done;
    CHECK(WriteConsoleA(to, text, (DWORD)strlen(text), &done, NULL) && done == strlen(text));
}

static int cursor_is(HANDLE of, int x, int y)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    return GetConsoleScreenBufferInfo(of, &info) && info.dwCursorPosition.X == x && info.dwCursorPosition.Y == y;
}

static void draw(void)
{
    CONSOLE_CURSOR_INFO cursor = {25, FALSE};
    CHAR_INFO cells[6], back[6];
    SMALL_RECT box = {30, 4, 32, 5};
    DWORD done;
    int i;

    CHECK(SetConsoleCursorPosition(out, at(10, 3)));
    CHECK(SetConsoleTextAttribute(out, FOREGROUND_RED | FOREGROUND_INTENSITY | BACKGROUND_BLUE));
    say(out, "hot");
    CHECK(cursor_is(out, 13, 3));
    CHECK(SetConsoleTextAttribute(out, 7));
    for (i = 0; i < 6; i++) {
        cells[i].Char.UnicodeChar = (WCHAR)(L'A' + i);
        cells[i].Attributes = FOREGROUND_GREEN;
    }
    CHECK(WriteConsoleOutputW(out, cells, at(3, 2), at(0, 0), &box));
    memset(back, 0, sizeof back);
    CHECK(ReadConsoleOutputW(out, back, at(3, 2), at(0, 0), &box));
    CHECK(memcmp(cells, back, sizeof cells) == 0);
    CHECK(FillConsoleOutputCharacterA(out, '=', 5, at(0, 6), &done) && done == 5);
    CHECK(FillConsoleOutputAttribute(out, BACKGROUND_RED, 5, at(0, 6), &done) && done == 5);
    CHECK(SetConsoleCursorInfo(out, &cursor));
    CHECK(SetConsoleCursorPosition(out, at(0, 8)));
}

static void cells(void)
{
    CHAR_INFO fill = {{L'.'}, FOREGROUND_BLUE}, got[4];
    SMALL_RECT from = {10, 3, 12, 3}, region = {9, 3, 12, 3};
    WORD attribute = 0;
    char text[8] = "";
    WCHAR wide = 0;
    DWORD done = 99;

    draw();
    CHECK(ReadConsoleOutputCharacterA(out, text, 3, at(10, 3), &done) && done == 3 && !memcmp(text, "hot", 3));
    CHECK(ReadConsoleOutputAttribute(out, &attribute, 1, at(11, 3), &done) && done == 1 && attribute == 0x1C);
    CHECK(ReadConsoleOutputCharacterW(out, &wide, 1, at(0, 30000), &done) && done == 0);
    CHECK(ScrollConsoleScreenBufferA(out, &from, NULL, at(9, 3), &fill));
    CHECK(ReadConsoleOutputA(out, got, at(4, 1), at(0, 0), &region));
    CHECK(got[0].Char.AsciiChar == 'h' && got[2].Char.AsciiChar == 't' && got[3].Char.AsciiChar == '.');
    CHECK(got[3].Attributes == FOREGROUND_BLUE);
    CHECK(SetConsoleOutputCP(1251));
    CHECK(WriteConsoleOutputCharacterA(out, "\xd4", 1, at(0, 0), &done) && done == 1);
    CHECK(ReadConsoleOutputCharacterW(out, &wide, 1, at(0, 0), &done) && wide == 0x424);
    CHECK(SetConsoleOutputCP(437));
}

static void buffers(void)
{
    HANDLE other, current;
    CONSOLE_SCREEN_BUFFER_INFO info;
    SMALL_RECT window;
    char text[8] = "";
    DWORD done, mode;

    other = CreateConsoleScreenBuffer(GENERIC_READ | GENERIC_WRITE, 0, NULL, CONSOLE_TEXTMODE_BUFFER, NULL);
    CHECK(other != INVALID_HANDLE_VALUE);
    say(other, "unseen");
    CHECK(SetConsoleActiveScreenBuffer(other));
    current = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(ReadConsoleOutputCharacterA(current, text, 6, at(0, 0), &done) && done == 6 && !memcmp(text, "unseen", 6));
    CHECK(SetConsoleMode(other, 0) && GetConsoleMode(current, &mode) && mode == 0);
    CHECK(GetConsoleMode(out, &mode) && (mode & 3) == 3);
    CHECK(GetConsoleScreenBufferInfo(current, &info));
    CHECK(!SetConsoleScreenBufferSize(other, at(info.srWindow.Right - info.srWindow.Left, info.dwSize.Y)));
    CHECK(GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(SetConsoleScreenBufferSize(other, at(info.dwSize.X, info.dwSize.Y + 50)));
    window = info.srWindow;
    window.Top += 10;
    window.Bottom += 10;
    CHECK(SetConsoleWindowInfo(other, TRUE, &window));
    CHECK(GetConsoleScreenBufferInfo(current, &info) && info.srWindow.Top == window.Top);
    window.Bottom = 30000;
    CHECK(!SetConsoleWindowInfo(other, TRUE, &window) && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(SetConsoleActiveScreenBuffer(out));
    CHECK(CloseHandle(other) && CloseHandle(current));
    other = CreateConsoleScreenBuffer(GENERIC_READ, 0, NULL, CONSOLE_TEXTMODE_BUFFER, NULL);
    CHECK(!SetConsoleActiveScreenBuffer(other));
    CHECK(CloseHandle(other));
    other = CreateConsoleScreenBuffer(GENERIC_READ, 0, NULL, 2, NULL);
    CHECK(other == INVALID_HANDLE_VALUE && GetLastError() == ERROR_INVALID_PARAMETER);
}

static void records(void)
{
    INPUT_RECORD keys[3], got[8];
    char line[32] = "";
    DWORD done, mode;

    memset(keys, 0, sizeof keys);
    keys[0].EventType = keys[1].EventType = keys[2].EventType = KEY_EVENT;
    keys[0].Event.KeyEvent.bKeyDown = keys[1].Event.KeyEvent.bKeyDown = keys[2].Event.KeyEvent.bKeyDown = TRUE;
    keys[0].Event.KeyEvent.wRepeatCount = keys[1].Event.KeyEvent.wRepeatCount = 1;
    keys[2].Event.KeyEvent.wRepeatCount = 1;
    keys[0].Event.KeyEvent.uChar.UnicodeChar = L'o';
    keys[1].Event.KeyEvent.uChar.UnicodeChar = 0xe9;
    keys[2].Event.KeyEvent.uChar.UnicodeChar = L'\r';
    keys[2].Event.KeyEvent.wVirtualKeyCode = VK_RETURN;

    CHECK(FlushConsoleInputBuffer(in));
    CHECK(WaitForSingleObject(in, 0) == WAIT_TIMEOUT);
    CHECK(WriteConsoleInputW(in, keys, 3, &done) && done == 3);
    CHECK(WaitForSingleObject(in, 0) == WAIT_OBJECT_0);
    CHECK(GetNumberOfConsoleInputEvents(in, &done) && done == 3);
    CHECK(PeekConsoleInputW(in, got, 8, &done) && done == 3 && got[1].Event.KeyEvent.uChar.UnicodeChar == 0xe9);
    CHECK(PeekConsoleInputA(in, got, 2, &done) && done == 2 && (got[1].Event.KeyEvent.uChar.AsciiChar & 0xff) == 0x82);
    CHECK(ReadConsoleA(in, line, sizeof line, &done, NULL) && done == 4 && !memcmp(line, "o\x82\r\n", 4));
    CHECK(GetNumberOfConsoleInputEvents(in, &done) && done == 0);
    CHECK(GetConsoleMode(in, &mode));
    CHECK(SetConsoleMode(in, mode & ~(ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT)));
    CHECK(WriteConsoleInputA(in, keys, 1, &done) && done == 1);
    CHECK(ReadConsoleA(in, line, sizeof line, &done, NULL) && done == 1 && line[0] == 'o');
    CHECK(SetConsoleMode(in, mode));
    CHECK(!WriteConsoleInputW(out, keys, 1, &done) && GetLastError() == ERROR_INVALID_HANDLE);
    CHECK(!ReadConsoleOutputCharacterA(in, line, 1, at(0, 0), &done) && GetLastError() == ERROR_INVALID_HANDLE);
}

/* The handle of its console that a process has in its parameters. */
static void *console_handle(void)
{
    char *peb = (char *)__readgsqword(0x60);
    return *(void **)(*(char **)(peb + 0x20) + 0x10);
}

static void without(void)
{
    CHECK(console_handle() != NULL);
    CHECK(FreeConsole());
    CHECK(console_handle() == NULL);
    CHECK(GetConsoleCP() == 0 && GetLastError() == ERROR_INVALID_HANDLE);
    CHECK(CreateFileA("CONOUT$", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE);
    CHECK(FreeConsole());
}

static void keys(void)
{
    INPUT_RECORD got;
    DWORD done, mode;

    CHECK(GetConsoleMode(in, &mode) && SetConsoleMode(in, ENABLE_EXTENDED_FLAGS));
    say(out, "ready\n");
    do {
        CHECK(ReadConsoleInputW(in, &got, 1, &done) && done == 1);
        if (got.EventType == KEY_EVENT && got.Event.KeyEvent.bKeyDown)
            fprintf(stderr, "%x %x %lx\n", got.Event.KeyEvent.wVirtualKeyCode, got.Event.KeyEvent.uChar.UnicodeChar,
                    got.Event.KeyEvent.dwControlKeyState);
    } while (got.EventType != KEY_EVENT || got.Event.KeyEvent.wVirtualKeyCode != VK_ESCAPE);
    CHECK(SetConsoleMode(in, mode));
}

static void woken(void)
{
    CONSOLE_READCONSOLE_CONTROL control = {sizeof control, 3, 1 << '\t', 0};
    WCHAR line[40] = L"abc";
    DWORD done = 0, i;

    say(out, "ready\n");
    CHECK(ReadConsoleW(in, line, 40, &done, &control));
    for (i = 0; i < done; i++)
        fprintf(stderr, "%x ", line[i]);
    fprintf(stderr, "\n");
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    out = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    in = CreateFileA("CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(out != INVALID_HANDLE_VALUE && in != INVALID_HANDLE_VALUE);
    if (!strcmp(what, "draw"))
        draw();
    else if (!strcmp(what, "keys"))
        keys();
    else if (!strcmp(what, "woken"))
        woken();
    else if (!strcmp(what, "text"))
        say(out, "only text\n");
    else {
        cells();
        buffers();
        records();
        without();
    }
    return failures;
}
