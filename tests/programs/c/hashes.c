/* Hashes and random numbers of the CryptoAPI and of its successor. */

#include <stdio.h>
#include <windows.h>
#include <wincrypt.h>
#include <bcrypt.h>

static void hex(const char *what, const BYTE *data, DWORD size)
{
    printf("%s: ", what);
    for (DWORD i = 0; i < size; i++)
        printf("%02x", data[i]);
    printf("\n");
}

static void old(ALG_ID algorithm, const char *name, HCRYPTPROV provider)
{
    HCRYPTHASH hash = 0, copy = 0;
    BYTE value[64];
    DWORD size = sizeof(value), length = 4, number;

    if (!CryptCreateHash(provider, algorithm, 0, 0, &hash)) {
        printf("%s: error %#lx\n", name, GetLastError());
        return;
    }
    CryptHashData(hash, (const BYTE *)"ab", 2, 0);
    CryptDuplicateHash(hash, NULL, 0, &copy);
    CryptHashData(hash, (const BYTE *)"c", 1, 0);
    CryptGetHashParam(hash, HP_HASHSIZE, (BYTE *)&number, &length, 0);
    CryptGetHashParam(hash, HP_HASHVAL, value, &size, 0);
    printf("%lu ", number);
    hex(name, value, size);
    SetLastError(0);
    printf("more: %d", CryptHashData(hash, (const BYTE *)"c", 1, 0));
    printf(" error %#lx\n", GetLastError());
    size = 3;
    printf("small: %d", CryptGetHashParam(copy, HP_HASHVAL, value, &size, 0));
    printf(" error %lu, %lu\n", GetLastError(), size);
    size = sizeof(value);
    CryptGetHashParam(copy, HP_HASHVAL, value, &size, 0);
    hex("copy", value, size);
    printf("destroy: %d %d", CryptDestroyHash(hash), CryptDestroyHash(copy));
    printf(" again %d", CryptDestroyHash(copy));
    printf(" error %lu\n", GetLastError());
}

static void providers(void)
{
    HCRYPTPROV provider = 0;
    BYTE random[32] = {0}, nothing[32] = {0};

    printf("type 0: %d", CryptAcquireContextA(&provider, NULL, NULL, 0, CRYPT_VERIFYCONTEXT));
    printf(" error %#lx\n", GetLastError());
    printf("unknown: %d", CryptAcquireContextA(&provider, NULL, "None Such", PROV_RSA_FULL, CRYPT_VERIFYCONTEXT));
    printf(" error %#lx\n", GetLastError());
    printf("other type: %d", CryptAcquireContextA(&provider, NULL, MS_DEF_PROV_A, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    printf(" error %#lx\n", GetLastError());
    printf("acquire: %d\n", CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    printf("random: %d", CryptGenRandom(provider, sizeof(random), random));
    printf(" %d\n", memcmp(random, nothing, sizeof(random)) != 0);
    old(CALG_MD4, "md4", provider);
    old(CALG_MD5, "md5", provider);
    old(CALG_SHA1, "sha1", provider);
    old(CALG_SHA_256, "sha256", provider);
    old(CALG_SHA_384, "sha384", provider);
    old(CALG_SHA_512, "sha512", provider);
    old(0x8111, "none", provider);
    struct { BLOBHEADER head; DWORD size; BYTE key[16]; } blob = {{PLAINTEXTKEYBLOB, CUR_BLOB_VERSION, 0, CALG_RC2}, 16, "Jefe"};
    HMAC_INFO info = {CALG_MD5};
    HCRYPTKEY key = 0;
    HCRYPTHASH hash = 0;
    BYTE value[16];
    DWORD size = sizeof(value);
    CryptImportKey(provider, (BYTE *)&blob, sizeof(blob), 0, CRYPT_IPSEC_HMAC_KEY, &key);
    printf("hmac: %d", CryptCreateHash(provider, CALG_HMAC, key, 0, &hash));
    printf(" %d", CryptSetHashParam(hash, HP_HMAC_INFO, (BYTE *)&info, 0));
    printf(" %d\n", CryptHashData(hash, (const BYTE *)"what do ya want for nothing?", 28, 0));
    CryptGetHashParam(hash, HP_HASHVAL, value, &size, 0);
    hex("hmac", value, size);
    CryptDestroyHash(hash);
    CryptDestroyKey(key);
    printf("release: %d", CryptReleaseContext(provider, 0));
    printf(" again %d", CryptReleaseContext(provider, 0));
    printf(" error %lu\n", GetLastError());
}

static void contexts(void)
{
    struct { ULONG bits[2], state[4]; BYTE left[64], digest[16]; } context;
    void (WINAPI *init)(void *), (WINAPI *update)(void *, const void *, UINT), (WINAPI *final)(void *);
    HMODULE module = LoadLibraryA("advapi32.dll");
    char text[200];

    init = (void *)GetProcAddress(module, "MD5Init");
    update = (void *)GetProcAddress(module, "MD5Update");
    final = (void *)GetProcAddress(module, "MD5Final");
    memset(text, 'a', sizeof(text));
    init(&context);
    update(&context, text, 70);
    printf("bits: %lu %lu\n", context.bits[0], context.bits[1]);
    update(&context, text, 130);
    final(&context);
    hex("context", context.digest, 16);
}

static void new(const WCHAR *name, ULONG flags)
{
    BCRYPT_ALG_HANDLE algorithm = NULL;
    BCRYPT_HASH_HANDLE hash = NULL, copy = NULL;
    BYTE value[64];
    ULONG size = 0, got = 0;

    LONG status = BCryptOpenAlgorithmProvider(&algorithm, name, NULL, flags);
    printf("%ls: %#lx\n", name, status);
    if (status)
        return;
    BCryptGetProperty(algorithm, BCRYPT_HASH_LENGTH, (BYTE *)&size, sizeof(size), &got, 0);
    printf("length: %lu %lu\n", size, got);
    printf("create: %#lx\n", BCryptCreateHash(algorithm, &hash, NULL, 0, flags ? (BYTE *)"key" : NULL, flags ? 3 : 0, 0));
    printf("data: %#lx\n", BCryptHashData(hash, (BYTE *)"abc", 3, 0));
    printf("copy: %#lx\n", BCryptDuplicateHash(hash, &copy, NULL, 0, 0));
    printf("wrong size: %#lx\n", BCryptFinishHash(hash, value, size - 1, 0));
    printf("finish: %#lx\n", BCryptFinishHash(hash, value, size, 0));
    hex("value", value, size);
    BCryptFinishHash(copy, value, size, 0);
    hex("copy", value, size);
    printf("destroy: %#lx %#lx\n", BCryptDestroyHash(hash), BCryptDestroyHash(copy));
    printf("close: %#lx\n", BCryptCloseAlgorithmProvider(algorithm, 0));
}

int main(void)
{
    providers();
    contexts();
    new(BCRYPT_MD5_ALGORITHM, 0);
    new(BCRYPT_SHA256_ALGORITHM, 0);
    new(BCRYPT_SHA512_ALGORITHM, BCRYPT_ALG_HANDLE_HMAC_FLAG);
    return 0;
}
