/* Exceptions of a child as its debugger hears of them: first and second chance, breakpoints, texts, registers. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

static volatile LONG seen;

static LONG CALLBACK first(EXCEPTION_POINTERS *info)
{
    if (info->ExceptionRecord->ExceptionCode == 0xE0000001) {
        seen++;
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

static int child(void)
{
    AddVectoredExceptionHandler(1, first);
    RaiseException(0xE0000001, 0, 0, NULL); /* left to the program: 1 */
    RaiseException(0xE0000002, 0, 0, NULL); /* handled by the debugger */
    __asm__ volatile("int3");
    OutputDebugStringA("a text");
    if (seen != 1)
        return 40 + seen;
    SetUnhandledExceptionFilter(NULL);
    RaiseException(0xE0000003, 0, 0, NULL); /* nobody's: first and second chance */
    return 50;
}

int main(int argc, char **argv)
{
    char self[MAX_PATH], line[MAX_PATH + 50], text[20] = "";
    STARTUPINFOA startup = {sizeof(startup)};
    PROCESS_INFORMATION info;
    DEBUG_EVENT event;
    CONTEXT context;
    SIZE_T done;
    if (argc > 1)
        return child();
    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" child", self);
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, DEBUG_PROCESS, NULL, NULL, &startup, &info))
        return 1;
    do {
        DWORD answer = DBG_CONTINUE;
        if (!WaitForDebugEvent(&event, 20000))
            return 2;
        if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT) {
            EXCEPTION_RECORD *record = &event.u.Exception.ExceptionRecord;
            memset(&context, 0, sizeof(context));
            context.ContextFlags = CONTEXT_CONTROL;
            printf("exception %lx, first chance %lu, registers %d\n", record->ExceptionCode,
                   event.u.Exception.dwFirstChance, GetThreadContext(info.hThread, &context));
            if (record->ExceptionCode == EXCEPTION_BREAKPOINT)
                printf("behind the breakpoint: %d\n", context.Rip == (DWORD64)record->ExceptionAddress + 1);
            if (record->ExceptionCode == 0xE0000001 || record->ExceptionCode == 0xE0000003)
                answer = DBG_EXCEPTION_NOT_HANDLED;
            if (!event.u.Exception.dwFirstChance)
                TerminateProcess(info.hProcess, 77);
        }
        if (event.dwDebugEventCode == OUTPUT_DEBUG_STRING_EVENT) {
            ReadProcessMemory(info.hProcess, event.u.DebugString.lpDebugStringData, text,
                              event.u.DebugString.nDebugStringLength, &done);
            printf("text: %s, %d bytes, unicode %d\n", text, event.u.DebugString.nDebugStringLength,
                   event.u.DebugString.fUnicode);
        }
        if (event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT)
            printf("end: %lu\n", event.u.ExitProcess.dwExitCode);
        if (ContinueDebugEvent(event.dwProcessId, event.dwThreadId, 0xdeadbeef))
            puts("an answer that does not exist");
        ContinueDebugEvent(event.dwProcessId, event.dwThreadId, answer);
    } while (event.dwDebugEventCode != EXIT_PROCESS_DEBUG_EVENT);
    return 0;
}
