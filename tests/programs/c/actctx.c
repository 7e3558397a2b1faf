/* Activation contexts: made from files, activated, inherited, asked, and DLLs that they lead to. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define IDENTITY(name, version) "<assemblyIdentity type='win32' name='" name "' version='" version "' processorArchitecture='amd64'/>"
#define ASSEMBLY(inside) "<assembly xmlns='urn:schemas-microsoft-com:asm.v1' manifestVersion='1.0'>" inside "</assembly>"

static void put(const char *name, const char *text)
{
    DWORD written;
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    WriteFile(file, text, strlen(text), &written, NULL);
    CloseHandle(file);
}

static HANDLE make(const char *source)
{
    ACTCTXA request = {sizeof request};
    request.lpSource = source;
    SetLastError(0);
    return CreateActCtxA(&request);
}

static void refused(const char *what, const char *text)
{
    put("refused.manifest", text);
    HANDLE made = make("refused.manifest");
    DWORD error = GetLastError();
    printf("%s: %d, error %lu\n", what, made == INVALID_HANDLE_VALUE, made == INVALID_HANDLE_VALUE ? error : 0);
    DeleteFileA("refused.manifest");
}

static HANDLE current(void)
{
    HANDLE now = (HANDLE)1;
    GetCurrentActCtx(&now);
    ReleaseActCtx(now);
    return now;
}

static DWORD WINAPI inherits(void *expected)
{
    return current() == expected;
}

static void look(const wchar_t *name)
{
    ACTCTX_SECTION_KEYED_DATA data = {sizeof data};
    SetLastError(0);
    BOOL found = FindActCtxSectionStringW(0, NULL, ACTIVATION_CONTEXT_SECTION_DLL_REDIRECTION, name, &data);
    DWORD error = GetLastError();
    printf("%ls: %d, error %lu, assembly %lu, length %lu\n", name, found, error, data.ulAssemblyRosterIndex, data.ulLength);
}

static void ask(HANDLE context)
{
    ULONG which = 2;
    SIZE_T needed = 0;
    char buffer[2048];
    printf("too small: %d", QueryActCtxW(0, context, &which, AssemblyDetailedInformationInActivationContext, buffer, 10, &needed));
    printf(", error %lu, %d\n", GetLastError(), needed > sizeof(ACTIVATION_CONTEXT_ASSEMBLY_DETAILED_INFORMATION));
    printf("assembly: %d", QueryActCtxW(0, context, &which, AssemblyDetailedInformationInActivationContext, buffer, sizeof buffer, &needed));
    ACTIVATION_CONTEXT_ASSEMBLY_DETAILED_INFORMATION *one = (void *)buffer;
    printf(" %ls\n", one->lpAssemblyEncodedAssemblyIdentity);
    which = 7;
    printf("no such assembly: %d", QueryActCtxW(0, context, &which, AssemblyDetailedInformationInActivationContext, buffer, sizeof buffer, &needed));
    printf(", error %lu\n", GetLastError());
    ACTIVATION_CONTEXT_QUERY_INDEX index = {1, 0};
    printf("file: %d", QueryActCtxW(0, context, &index, FileInformationInAssemblyOfAssemblyInActivationContext, buffer, sizeof buffer, &needed));
    printf(" %ls\n", ((ASSEMBLY_FILE_DETAILED_INFORMATION *)buffer)->lpFileName);
}

static LONG CALLBACK handler(EXCEPTION_POINTERS *what)
{
    DWORD code = what->ExceptionRecord->ExceptionCode;
    if (code >> 16 == 0xC015)
        ExitThread(code);
    return EXCEPTION_CONTINUE_SEARCH;
}

/* Deactivates what is not on top, or nothing of this thread's at all. */
static DWORD WINAPI wrong(void *context)
{
    ULONG_PTR outer, inner;
    if (!context)
        return DeactivateActCtx(0, 12345);
    ActivateActCtx(context, &outer);
    ActivateActCtx(NULL, &inner);
    return DeactivateActCtx(0, outer);
}

static DWORD ends(LPTHREAD_START_ROUTINE function, void *argument)
{
    DWORD code = 0;
    HANDLE thread = CreateThread(NULL, 0, function, argument, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    return code;
}

int main(void)
{
    put("part.manifest", ASSEMBLY(IDENTITY("part", "6.5.4.3") "<file name='part.dll'><windowClass>Pane</windowClass></file><file name='other.dll'/>"));
    put("whole.manifest", "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\r\n" ASSEMBLY(
        IDENTITY("whole", "1.2.3.4")
        "<dependency><dependentAssembly>" IDENTITY("part", "6.5.4.3") "</dependentAssembly></dependency>"));
    HANDLE context = make("whole.manifest");
    printf("made: %d\n", context != INVALID_HANDLE_VALUE && context != NULL);
    printf("none at first: %d\n", current() == NULL);
    ask(context);
    look(L"part.dll");

    ULONG_PTR outer, inner;
    printf("activate: %d %d\n", ActivateActCtx(context, &outer), current() == context);
    look(L"PART.DLL");
    look(L"other.dll");
    look(L"third.dll");
    printf("inherited: %lu\n", ends(inherits, context));

    ACTCTX_SECTION_KEYED_DATA data = {sizeof data};
    printf("window class: %d\n", FindActCtxSectionStringA(FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX, NULL,
           ACTIVATION_CONTEXT_SECTION_WINDOW_CLASS_REDIRECTION, "pane", &data));
    ULONG *class = data.lpData;
    printf("%ls %ls %d\n", (wchar_t *)((char *)class + class[3]), (wchar_t *)((char *)data.lpSectionBase + class[5]), data.hActCtx == context);
    ReleaseActCtx(data.hActCtx);

    printf("nothing on top: %d %d\n", ActivateActCtx(NULL, &inner), current() == NULL);
    AddVectoredExceptionHandler(1, handler);
    printf("early: %08lx, ", ends(wrong, context));
    printf("invalid: %08lx\n", ends(wrong, NULL));
    printf("forced: %d %d\n", DeactivateActCtx(DEACTIVATE_ACTCTX_FLAG_FORCE_EARLY_DEACTIVATION, outer), current() == NULL);
    look(L"part.dll");
    ReleaseActCtx(context);

    printf("no file: %d", make("none.manifest") == INVALID_HANDLE_VALUE);
    printf(", error %lu\n", GetLastError());
    printf("no folder: %d", make("none\\none.manifest") == INVALID_HANDLE_VALUE);
    printf(", error %lu\n", GetLastError());
    refused("no XML", "assembly");
    refused("no such assembly", ASSEMBLY("<dependency><dependentAssembly>" IDENTITY("missing", "1.0.0.0") "</dependentAssembly></dependency>"));
    refused("other version", ASSEMBLY("<dependency><dependentAssembly>" IDENTITY("part", "6.5.4.9") "</dependentAssembly></dependency>"));
    refused("file without a name", ASSEMBLY("<file/>"));

    /* an assembly in a folder of its own */
    CreateDirectoryA("apart", NULL);
    put("apart\\apart.manifest", ASSEMBLY(IDENTITY("apart", "1.0.0.0") "<file name='elsewhere.dll'/>"));
    put("asks.manifest", ASSEMBLY("<dependency><dependentAssembly>" IDENTITY("apart", "1.0.0.0") "</dependentAssembly></dependency>"));
    context = make("asks.manifest");
    printf("apart: %d\n", context != INVALID_HANDLE_VALUE);
    ActivateActCtx(context, &outer);
    look(L"elsewhere.dll");
    DeactivateActCtx(0, outer);
    ReleaseActCtx(context);

    const char *names[] = {"part.manifest", "whole.manifest", "asks.manifest", "apart\\apart.manifest"};
    for (int i = 0; i < 4; i++)
        DeleteFileA(names[i]);
    RemoveDirectoryA("apart");
    return 0;
}
