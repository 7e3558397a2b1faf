/* Changes in directories: what ReadDirectoryChangesW and FindFirstChangeNotification tell. */
#include <windows.h>
#include <stdio.h>

static HANDLE folder;
static BYTE buffer[4096];

static void touch(const char *name)
{
    CloseHandle(CreateFileA(name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL));
}

static void begin(OVERLAPPED *overlapped, BOOL tree, DWORD filter)
{
    ZeroMemory(buffer, sizeof(buffer));
    printf("asked %d\n", ReadDirectoryChangesW(folder, buffer, sizeof(buffer), tree, filter, NULL, overlapped, NULL));
}

static void told(OVERLAPPED *overlapped)
{
    DWORD n = 0, wait = WaitForSingleObject(overlapped->hEvent, 2000);
    BOOL ok = wait == WAIT_OBJECT_0 && GetOverlappedResult(folder, overlapped, &n, FALSE);
    FILE_NOTIFY_INFORMATION *info = (void *)buffer;
    printf("wait %lu ok %d bytes %d\n", wait, ok, n != 0);
    while (ok && n)
    {
        printf("  %lu %.*ls\n", info->Action, (int)(info->FileNameLength / 2), info->FileName);
        if (!info->NextEntryOffset) break;
        info = (void *)((BYTE *)info + info->NextEntryOffset);
    }
}

int main(void)
{
    OVERLAPPED overlapped = { 0 };
    HANDLE find;

    CreateDirectoryA("watched", NULL);
    CreateDirectoryA("watched\\below", NULL);
    folder = CreateFileA("watched", FILE_LIST_DIRECTORY, 7, NULL, OPEN_EXISTING,
                         FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED, NULL);
    overlapped.hEvent = CreateEventA(NULL, FALSE, FALSE, NULL);

    begin(&overlapped, TRUE, FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME);
    printf("nothing yet %lu\n", WaitForSingleObject(overlapped.hEvent, 50));
    touch("watched\\one");
    told(&overlapped);
    begin(&overlapped, TRUE, FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME);
    CreateDirectoryA("watched\\two", NULL);
    told(&overlapped);
    begin(&overlapped, TRUE, FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME);
    DeleteFileA("watched\\one");
    told(&overlapped);
    begin(&overlapped, TRUE, FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME);
    CancelIo(folder);
    printf("cancelled %lu\n", WaitForSingleObject(overlapped.hEvent, 1000));
    CloseHandle(folder);

    SetLastError(0);
    find = FindFirstChangeNotificationA("none such", FALSE, FILE_NOTIFY_CHANGE_FILE_NAME);
    printf("%d %lu\n", find == INVALID_HANDLE_VALUE, GetLastError());
    find = FindFirstChangeNotificationA("watched", FALSE, FILE_NOTIFY_CHANGE_FILE_NAME);
    printf("%d %lu\n", find != INVALID_HANDLE_VALUE, WaitForSingleObject(find, 20));
    touch("watched\\three");
    printf("%lu\n", WaitForSingleObject(find, 2000));
    printf("%d\n", FindNextChangeNotification(find));
    printf("%lu\n", WaitForSingleObject(find, 20));
    DeleteFileA("watched\\three");
    printf("%lu\n", WaitForSingleObject(find, 2000));
    printf("%d\n", FindCloseChangeNotification(find));
    return 0;
}
