/* OLE32, OLEAUT32 and RPCRT4 for programs without objects: GUIDs, task memory, BSTRs, apartments, dates. */
#define COBJMACROS
#include <windows.h>
#include <ole2.h>
#include <rpc.h>
#include <stdio.h>

static const GUID SAMPLE = {0x12345678, 0x9abc, 0xdef0, {1, 2, 3, 4, 5, 6, 7, 0xab}};

static void guids(void)
{
    static const wchar_t *const texts[] = {
        L"{12345678-9abc-DEF0-0102-0304050607ab}", L"{12345678-9abc-DEF0-0102-0304050607a}", L"12345678-9abc", L"",
        L"{12345678-9abc-DEF0-0102-0304050607ag}", L"No.Such.Class",
    };
    GUID guid, other;
    wchar_t text[64], *block;
    unsigned i;

    printf("%08lx", CoCreateGuid(&guid));
    printf(" %08lx", CoCreateGuid(&other));
    printf(" %d%d version %d\n", IsEqualGUID(&guid, &other), IsEqualGUID(&guid, &GUID_NULL), guid.Data3 >> 12);
    printf("%d %d %d", StringFromGUID2(&SAMPLE, text, 38), StringFromGUID2(&SAMPLE, text, 39), StringFromGUID2(&SAMPLE, text, 0));
    printf(" %ls", text);
    printf(" %08lx", StringFromCLSID(&SAMPLE, &block));
    printf(" %ls\n", block);
    CoTaskMemFree(block);
    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        printf("%ls: %08lx", texts[i], CLSIDFromString(texts[i], &guid));
        printf(" %08lx\n", IIDFromString(texts[i], &other));
        if (i == 0)
            printf("same %d%d\n", IsEqualGUID(&guid, &SAMPLE), IsEqualGUID(&other, &SAMPLE));
    }
    printf("%08lx", CLSIDFromString(NULL, &guid));
    printf(" nil%d\n", IsEqualGUID(&guid, &GUID_NULL));
}

static void uuids(void)
{
    UUID uuid, other;
    RPC_CSTR text = NULL;
    RPC_WSTR wide = NULL;
    RPC_STATUS status = 99;

    printf("%ld", UuidCreate(&uuid));
    printf(" version %d", uuid.Data3 >> 12);
    printf(" %ld", UuidToStringA((UUID *)&SAMPLE, &text));
    printf(" %s", text);
    printf(" %ld", UuidFromStringA(text, &other));
    printf(" same%d", UuidEqual(&other, (UUID *)&SAMPLE, &status));
    printf(" %ld\n", status);
    printf("%ld", RpcStringFreeA(&text));
    printf(" %ld", UuidToStringW(NULL, &wide));
    printf(" %ls", wide);
    printf(" %ld", RpcStringFreeW(&wide));
    printf(" %ld %ld", UuidFromStringA((RPC_CSTR) "12345678", &other), UuidFromStringA(NULL, &other));
    printf(" nil%d", UuidIsNil(&other, &status));
    printf(" %d%d\n", UuidCompare(NULL, (UUID *)&SAMPLE, &status), UuidCompare((UUID *)&SAMPLE, NULL, &status));
}

static void memory(void)
{
    char *block = CoTaskMemAlloc(10);
    BSTR text = SysAllocString(L"some text"), more = SysAllocStringLen(L"cut here", 3), bytes = SysAllocStringByteLen("odd", 3);
    VARIANT variant;

    strcpy(block, "kept");
    block = CoTaskMemRealloc(block, 5000);
    printf("%s", block);
    CoTaskMemFree(block);
    CoTaskMemFree(NULL);
    printf(" %u %u %u %ls", SysStringLen(text), SysStringByteLen(text), SysStringLen(more), more);
    printf(" %u %u", SysStringByteLen(bytes), SysStringLen(bytes));
    printf(" %u %d", SysStringLen(NULL), SysAllocString(NULL) == NULL);
    printf(" %d", SysReAllocString(&text, L"other"));
    printf(" %ls", text);
    printf(" %d", SysReAllocStringLen(&text, L"longer text", 6));
    printf(" %ls\n", text);
    SysFreeString(more);
    SysFreeString(bytes);
    SysFreeString(NULL);
    VariantInit(&variant);
    printf("%d", V_VT(&variant));
    V_VT(&variant) = VT_BSTR;
    V_BSTR(&variant) = text;
    printf(" %08lx", VariantClear(&variant));
    printf(" %d", V_VT(&variant));
    V_VT(&variant) = 77;
    printf(" %08lx\n", VariantClear(&variant));
}

static void apartments(void)
{
    void *object = &object;
    printf("%08lx", CoCreateInstance(&SAMPLE, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, &object));
    printf(" %d", object == NULL);
    printf(" %08lx", CoInitializeEx(NULL, COINIT_MULTITHREADED));
    printf(" %08lx", CoInitializeEx(NULL, COINIT_MULTITHREADED));
    printf(" %08lx", CoInitialize(NULL));
    CoUninitialize();
    printf(" %08lx", CoInitialize(NULL));
    printf(" %08lx", CoCreateInstance(&SAMPLE, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, &object));
    CoUninitialize();
    printf(" %08lx", CoInitialize(NULL));
    CoUninitialize();
    printf(" %08lx\n", CLSIDFromProgID(L"No.Such.Class", (CLSID *)&object));
}

static void dates(void)
{
    static const SYSTEMTIME times[] = {{2024, 2, 4, 29, 13, 5, 9, 0}, {1899, 12, 6, 30, 0, 0, 0, 0}, {1899, 12, 5, 29, 6, 0, 0, 0},
                                       {2023, 2, 0, 29, 0, 0, 0, 0}, {99, 1, 0, 1, 0, 0, 0, 0}};
    static const double days[] = {45351.5, 0, -1.25, 3000000};
    unsigned i;
    for (i = 0; i < sizeof times / sizeof *times; i++) {
        SYSTEMTIME time = times[i];
        double value = 0;
        printf("%d", SystemTimeToVariantTime(&time, &value));
        printf(" %.6f\n", value);
    }
    for (i = 0; i < sizeof days / sizeof *days; i++) {
        SYSTEMTIME time = {0};
        printf("%d", VariantTimeToSystemTime(days[i], &time));
        printf(" %d-%d-%d(%d) %d:%d:%d\n", time.wYear, time.wMonth, time.wDay, time.wDayOfWeek, time.wHour, time.wMinute, time.wSecond);
    }
}

int main(void)
{
    guids();
    uuids();
    memory();
    apartments();
    dates();
    return 0;
}
