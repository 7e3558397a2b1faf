/* Images that a program writes itself: what is refused, how they are found and mapped, and the end of the process. */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <winternl.h>

static NTSTATUS (NTAPI *create_section)(HANDLE *, ACCESS_MASK, void *, LARGE_INTEGER *, ULONG, ULONG, HANDLE);
static NTSTATUS (NTAPI *load_dll)(const wchar_t *, ULONG *, UNICODE_STRING *, HMODULE *);
static NTSTATUS (NTAPI *unload_dll)(HMODULE);
static NTSTATUS (NTAPI *terminate)(HANDLE, NTSTATUS);
static void (NTAPI *shut_down)(void);
static BOOLEAN (NTAPI *in_progress)(void);

#define AT_NT 0x40

static union {
    char bytes[0x400];
    IMAGE_DOS_HEADER dos;
    struct {
        char before[AT_NT];
        IMAGE_NT_HEADERS64 nt;
        IMAGE_SECTION_HEADER section;
    } headers;
} image;

/* A DLL of one section without code. */
static void fresh(void)
{
    IMAGE_NT_HEADERS64 *nt = &image.headers.nt;
    IMAGE_SECTION_HEADER *section = &image.headers.section;
    memset(&image, 0, sizeof image);
    image.dos.e_magic = IMAGE_DOS_SIGNATURE;
    image.dos.e_lfanew = AT_NT;
    nt->Signature = IMAGE_NT_SIGNATURE;
    nt->FileHeader.Machine = IMAGE_FILE_MACHINE_AMD64;
    nt->FileHeader.NumberOfSections = 1;
    nt->FileHeader.SizeOfOptionalHeader = sizeof nt->OptionalHeader;
    nt->FileHeader.Characteristics = IMAGE_FILE_EXECUTABLE_IMAGE | IMAGE_FILE_DLL;
    nt->OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR64_MAGIC;
    nt->OptionalHeader.ImageBase = 0x320000000;
    nt->OptionalHeader.SectionAlignment = 0x1000;
    nt->OptionalHeader.FileAlignment = 0x200;
    nt->OptionalHeader.MajorOperatingSystemVersion = nt->OptionalHeader.MajorSubsystemVersion = 4;
    nt->OptionalHeader.SizeOfImage = 0x2000;
    nt->OptionalHeader.SizeOfHeaders = 0x200;
    nt->OptionalHeader.Subsystem = IMAGE_SUBSYSTEM_WINDOWS_CUI;
    nt->OptionalHeader.NumberOfRvaAndSizes = IMAGE_NUMBEROF_DIRECTORY_ENTRIES;
    memcpy(section->Name, ".data", 5);
    section->Misc.VirtualSize = section->SizeOfRawData = 0x200;
    section->VirtualAddress = 0x1000;
    section->PointerToRawData = 0x200;
    section->Characteristics = IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ;
    memcpy(image.bytes + 0x200, "contents", 8);
}

static void put(const char *name, const void *data, DWORD size)
{
    DWORD written;
    HANDLE file = CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    WriteFile(file, data, size, &written, NULL);
    CloseHandle(file);
}

static NTSTATUS section_of(const char *name, long long size, HANDLE *section)
{
    LARGE_INTEGER wanted = {.QuadPart = size};
    HANDLE file = CreateFileA(name, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    NTSTATUS status = create_section(section, SECTION_QUERY | SECTION_MAP_READ, NULL, size ? &wanted : NULL, PAGE_READONLY, SEC_IMAGE, file);
    CloseHandle(file);
    return status;
}

static void section(const char *what, long long size)
{
    HANDLE made = NULL;
    put("tiny.dll", &image, sizeof image);
    NTSTATUS status = section_of("tiny.dll", size, &made);
    printf("%s: %08lx\n", what, status);
    if (!status)
        CloseHandle(made);
    fresh();
}

static void sections(void)
{
    fresh();
    section("intact", 0);
    section("less of it", 1);
    section("all of it", 0x2000);
    section("too much", 0x2001);
    image.headers.nt.OptionalHeader.AddressOfEntryPoint = 0x12345678;
    section("entry point outside", 0);
    image.dos.e_magic = 0;
    section("no MZ", 0);
    image.headers.nt.Signature = 0x12345678;
    section("no PE", 0);
    image.dos.e_lfanew = 0x10000000;
    section("no headers", 0);
    for (int system = 0; system < 6; system++) {
        image.headers.nt.Signature = IMAGE_OS2_SIGNATURE;
        image.bytes[AT_NT + 0x36] = system;
        section("NE", 0);
    }
    image.headers.nt.OptionalHeader.Magic = 0x1234;
    section("magic", 0);
    image.headers.nt.FileHeader.Machine = 0x1234;
    section("machine", 0);
    image.headers.nt.OptionalHeader.SizeOfHeaders = 0x1000;
    section("headers longer than the file", 0);
}

static void load(const char *what, const char *name, DWORD flags)
{
    SetLastError(0);
    HMODULE module = LoadLibraryExA(name, NULL, flags);
    DWORD error = GetLastError();
    printf("%s: %d, error %lu\n", what, module != NULL, module ? 0 : error);
    if (module)
        FreeLibrary(module);
}

static void data_files(void)
{
    put("tiny.dll", &image, sizeof image);
    HMODULE module = LoadLibraryA(".\\tiny.dll");
    printf("loaded: %d %d\n", module != NULL, module && !memcmp((char *)module + 0x1000, "contents", 9));
    HMODULE data = LoadLibraryExA(".\\tiny.dll", NULL, LOAD_LIBRARY_AS_DATAFILE);
    printf("as data: %d\n", data == module);
    printf("free: %d", FreeLibrary(module));
    printf(" %d", GetModuleHandleA(".\\tiny.dll") == module);
    printf(" %d", FreeLibrary(data));
    printf(" %d\n", GetModuleHandleA(".\\tiny.dll") == NULL);
    data = LoadLibraryExA(".\\tiny.dll", NULL, LOAD_LIBRARY_AS_DATAFILE);
    printf("data only: %d", ((ULONG_PTR)data & 3) == 1);
    HANDLE file = CreateFileA("tiny.dll", GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    printf(", writable %d\n", file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
    FreeLibrary(data);
    data = LoadLibraryExA(".\\tiny.dll", NULL, LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE);
    file = CreateFileA("tiny.dll", GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    printf("exclusive: %d, writable %d, error %lu\n", data != NULL, file != INVALID_HANDLE_VALUE, GetLastError());
    FreeLibrary(data);
    file = CreateFileA("tiny.dll", GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    printf("free again: %d\n", file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
    void *taken = VirtualAlloc((void *)0x320000000, 0x1000, MEM_RESERVE, PAGE_NOACCESS);
    image.headers.nt.FileHeader.Characteristics |= IMAGE_FILE_RELOCS_STRIPPED;
    put("tiny.dll", &image, sizeof image);
    load("where there is no room", ".\\tiny.dll", 0);
    image.headers.nt.FileHeader.Characteristics &= ~IMAGE_FILE_DLL;
    put("tiny.dll", &image, sizeof image);
    load("a program where there is no room", ".\\tiny.dll", 0);
    VirtualFree(taken, 0, MEM_RELEASE);
    fresh();
    image.headers.nt.OptionalHeader.AddressOfEntryPoint = 0x1010;
    put("tiny.dll", &image, sizeof image);
    load("entry point in data", ".\\tiny.dll", DONT_RESOLVE_DLL_REFERENCES);
    fresh();
}

/* DLLs that are found by a path of the caller's, and by a manifest. */
static void found(void)
{
    static const char manifest[] =
        "<assembly xmlns='urn:schemas-microsoft-com:asm.v1' manifestVersion='1.0'>"
        "<assemblyIdentity type='win32' name='apart' version='1.0.0.0'/><file name='hidden.dll'/></assembly>";
    static const char asks[] =
        "<assembly xmlns='urn:schemas-microsoft-com:asm.v1' manifestVersion='1.0'><dependency><dependentAssembly>"
        "<assemblyIdentity type='win32' name='apart' version='1.0.0.0'/></dependentAssembly></dependency></assembly>";
    char full[MAX_PATH];
    wchar_t folders[2 * MAX_PATH];
    UNICODE_STRING name;
    HMODULE module;
    ULONG_PTR cookie;
    CreateDirectoryA("apart", NULL);
    put("apart\\hidden.dll", &image, sizeof image);
    put("apart\\apart.manifest", manifest, sizeof manifest - 1);
    put("asks.manifest", asks, sizeof asks - 1);
    load("nowhere", "hidden.dll", 0);
    GetFullPathNameW(L"apart", MAX_PATH, folders, NULL);
    wcscat(folders, L";C:\\none");
    name.Buffer = L"hidden.dll";
    name.Length = 20;
    name.MaximumLength = 22;
    NTSTATUS status = load_dll(folders, NULL, &name, &module);
    GetModuleFileNameA(module, full, sizeof full);
    printf("by path: %08lx %s\n", status, strrchr(full, '\\') ? strrchr(full, '\\') - 5 : full);
    unload_dll(module);

    ACTCTXA request = {sizeof request};
    request.lpSource = "asks.manifest";
    HANDLE context = CreateActCtxA(&request);
    ActivateActCtx(context, &cookie);
    module = LoadLibraryA("hidden.dll");
    printf("by manifest: %d", module != NULL);
    GetModuleFileNameA(module, full, sizeof full);
    printf(" %s %d\n", strrchr(full, '\\') ? strrchr(full, '\\') - 5 : full, GetModuleHandleA("hidden") == module);
    FreeLibrary(module);
    DeactivateActCtx(0, cookie);
    ReleaseActCtx(context);
    load("nowhere again", "hidden.dll", 0);
    DeleteFileA("apart\\hidden.dll");
    DeleteFileA("apart\\apart.manifest");
    DeleteFileA("asks.manifest");
    RemoveDirectoryA("apart");
}

/* What a function is told of modules that come and go. */
static void CALLBACK told(ULONG reason, void *data, void *context)
{
    struct {
        ULONG flags;
        UNICODE_STRING *full, *base;
        void *address;
        ULONG size;
    } *one = data;
    printf("%s: %lu, flags %lu, %.*ls, %d %d, size %lx\n", (char *)context, reason, one->flags, one->base->Length / 2, one->base->Buffer,
           one->full->Length > one->base->Length, *(WORD *)one->address == IMAGE_DOS_SIGNATURE, one->size);
}

static void notifications(void)
{
    NTSTATUS (NTAPI *tell)(ULONG, void *, void *, void **) = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "LdrRegisterDllNotification");
    NTSTATUS (NTAPI *enough)(void *) = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "LdrUnregisterDllNotification");
    void *first, *second;
    fresh();
    put("tiny.dll", &image, sizeof image);
    printf("register: %08lx", tell(0, told, "first", &first));
    printf(" %08lx\n", tell(0, told, "second", &second));
    HMODULE module = LoadLibraryA(".\\tiny.dll");
    LoadLibraryA(".\\tiny.dll");
    FreeLibrary(module);
    printf("unregister: %08lx\n", enough(first));
    FreeLibrary(module);
    printf("unregister: %08lx\n", enough(second));
    FreeLibrary(LoadLibraryA(".\\tiny.dll"));
}

static DWORD WINAPI waits(void *event)
{
    return WaitForSingleObject(event, INFINITE);
}

static void ends(void)
{
    HANDLE thread = CreateThread(NULL, 0, waits, CreateEventA(NULL, TRUE, FALSE, NULL), 0, NULL);
    DWORD code = 0;
    printf("going on: %d\n", in_progress());
    printf("terminate: %08lx", terminate(NULL, 77));
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    printf(", thread's end %lu, in progress %d\n", code, in_progress());
    SetLastError(0);
    printf("no more threads: %d", CreateThread(NULL, 0, waits, NULL, 0, NULL) == NULL);
    printf(", error %lu\n", GetLastError());
    fflush(stdout);
    shut_down();
    printf("in progress: %d\n", in_progress());
    fflush(stdout);
    ExitProcess(5);
}

int main(void)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    create_section = (void *)GetProcAddress(ntdll, "NtCreateSection");
    load_dll = (void *)GetProcAddress(ntdll, "LdrLoadDll");
    unload_dll = (void *)GetProcAddress(ntdll, "LdrUnloadDll");
    terminate = (void *)GetProcAddress(ntdll, "NtTerminateProcess");
    shut_down = (void *)GetProcAddress(ntdll, "LdrShutdownProcess");
    in_progress = (void *)GetProcAddress(ntdll, "RtlDllShutdownInProgress");
    sections();
    data_files();
    found();
    notifications();
    DeleteFileA("tiny.dll");
    ends();
    return 1;
}
