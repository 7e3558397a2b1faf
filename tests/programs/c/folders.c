/* Known folders by FOLDERID and CSIDL: what is below the user's folder, what is made, what is refused. */
#define INITGUID
#include <windows.h>
#include <shlobj.h>
#include <knownfolders.h>
#include <stdio.h>

static WCHAR profile[MAX_PATH];

static void show(const WCHAR *path)
{
    size_t length = wcslen(profile);
    if (!_wcsnicmp(path, profile, length))
        printf(" ~%ls\n", path + length);
    else
        printf(" %ls\n", path);
}

static void known(const GUID *id, DWORD flags)
{
    WCHAR *path = (WCHAR *)77;
    HRESULT status = SHGetKnownFolderPath(id, flags, NULL, &path);
    printf("known %#lx", status);
    if (status)
        printf(" %p\n", path);
    else
        show(path);
    CoTaskMemFree(path);
}

static void special(int id, DWORD flags)
{
    WCHAR path[MAX_PATH] = L"untouched";
    HRESULT status = SHGetFolderPathW(NULL, id, NULL, flags, path);
    printf("folder %#x %#lx", id, status);
    show(path);
}

int main(void)
{
    static const GUID nonsense = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    char narrow[MAX_PATH];
    WCHAR path[MAX_PATH];
    GetEnvironmentVariableW(L"USERPROFILE", profile, MAX_PATH);
    known(&FOLDERID_Profile, 0);
    known(&FOLDERID_RoamingAppData, 0);
    known(&FOLDERID_LocalAppData, 0);
    known(&FOLDERID_LocalAppDataLow, KF_FLAG_CREATE);
    known(&FOLDERID_ProgramData, 0);
    known(&FOLDERID_ProgramFiles, 0);
    known(&FOLDERID_ProgramFilesCommon, 0);
    known(&nonsense, 0);
    special(CSIDL_PROFILE, SHGFP_TYPE_CURRENT);
    special(CSIDL_APPDATA, SHGFP_TYPE_CURRENT);
    special(CSIDL_LOCAL_APPDATA | CSIDL_FLAG_CREATE, SHGFP_TYPE_CURRENT);
    special(CSIDL_COMMON_APPDATA, SHGFP_TYPE_CURRENT);
    special(0xfe, SHGFP_TYPE_CURRENT);
    special(CSIDL_APPDATA, 2);
    printf("narrow %#lx %d\n", SHGetFolderPathA(NULL, CSIDL_PROFILE, NULL, 0, narrow),
           (int)strlen(narrow) == (int)wcslen(profile));
    printf("special %d", SHGetSpecialFolderPathW(NULL, path, CSIDL_APPDATA, FALSE));
    show(path);
    return 0;
}
