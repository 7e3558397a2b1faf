# Machine code for API functions that are called all the time and need nothing of the host (x86-64, Windows convention).
# tools/gen_fastpaths.py assembles this file. Each function returns, or runs off its end into its stub with RCX, RDX, R8 and
# R9 as they were ("slow"). Offsets are those of the TEB (gs), RTL_CRITICAL_SECTION and SRWLOCK.
.intel_syntax noprefix

.globl kernel32.GetLastError
kernel32.GetLastError:
    mov eax, gs:[0x68]
    ret

.globl kernel32.SetLastError
kernel32.SetLastError:
    mov gs:[0x68], ecx
    ret

.globl kernel32.GetCurrentThreadId
kernel32.GetCurrentThreadId:
    mov eax, gs:[0x48]
    ret

.globl kernel32.GetCurrentProcessId
kernel32.GetCurrentProcessId:
    mov eax, gs:[0x40]
    ret

.globl kernel32.GetCurrentProcess
kernel32.GetCurrentProcess:
    or rax, -1
    ret

.globl kernel32.GetCurrentThread
kernel32.GetCurrentThread:
    mov rax, -2
    ret

.globl kernel32.GetProcessHeap
kernel32.GetProcessHeap:
    mov rax, gs:[0x60]
    mov rax, [rax + 0x30]
    ret

# The first 64 slots lie in the TEB, and Windows does not check that they are allocated.
.globl kernel32.TlsGetValue
kernel32.TlsGetValue:
    cmp ecx, 64
    jae 1f
    mov eax, ecx
    mov dword ptr gs:[0x68], 0
    mov rax, gs:[rax * 8 + 0x1480]
    ret
1:

# Takes a critical section that is free, or the thread's own; then eax becomes what the function returns.
.macro ENTER_SECTION result:vararg
    mov eax, -1
    mov r8d, -2
    lock cmpxchg [rcx + 8], r8d
    mov r8d, gs:[0x48]
    jne 1f
    mov [rcx + 0x10], r8
    mov dword ptr [rcx + 0xc], 1
    \result
    ret
1:  cmp [rcx + 0x10], r8
    jne 2f
    inc dword ptr [rcx + 0xc]
    \result
    ret
2:
.endm

.globl kernel32.EnterCriticalSection
kernel32.EnterCriticalSection:
    ENTER_SECTION xor eax, eax

.globl kernel32.TryEnterCriticalSection
kernel32.TryEnterCriticalSection:
    ENTER_SECTION mov eax, 1

.globl kernel32.LeaveCriticalSection
kernel32.LeaveCriticalSection:
    cmp dword ptr [rcx + 0xc], 1
    jne 1f
    cmp dword ptr [rcx + 8], -2
    jne 2f
    and qword ptr [rcx + 0x10], 0
    and dword ptr [rcx + 0xc], 0
    mov eax, -2
    mov r8d, -1
    lock cmpxchg [rcx + 8], r8d
    je 3f
    mov dword ptr [rcx + 0xc], 1        # somebody began to wait meanwhile: the host hands the section over
    jmp 2f
1:  dec dword ptr [rcx + 0xc]
3:  xor eax, eax
    ret
2:

.globl kernel32.AcquireSRWLockExclusive
kernel32.AcquireSRWLockExclusive:
    xor eax, eax
    mov r8d, 1
    lock cmpxchg [rcx], r8
    jne 1f
    ret
1:

.globl kernel32.ReleaseSRWLockExclusive
kernel32.ReleaseSRWLockExclusive:
    mov eax, 1
    xor r8d, r8d
    lock cmpxchg [rcx], r8
    jne 1f
    ret
1:

# Small blocks; the host is quicker for large ones. Forward is right unless the destination begins inside the source.
.globl msvcrt.memmove
msvcrt.memmove:
    cmp r8, 256
    ja 9f
    mov rax, rcx
    sub rax, rdx
    cmp rax, r8
    jb 9f
    mov rax, rcx
    mov r10, rcx
    mov r11, rdx
    mov r9, r8
    shr r9, 3
    jz 2f
1:  mov rcx, [r11]
    mov [r10], rcx
    add r11, 8
    add r10, 8
    dec r9
    jnz 1b
2:  mov r9d, r8d
    and r9d, 7
    jz 4f
3:  mov cl, [r11]
    mov [r10], cl
    inc r11
    inc r10
    dec r9d
    jnz 3b
4:  ret
9:

.globl msvcrt.memset
msvcrt.memset:
    cmp r8, 256
    ja 9f
    mov rax, rcx
    mov r10, rcx
    movzx edx, dl
    mov r11, 0x0101010101010101
    imul rdx, r11
    mov r9, r8
    shr r9, 3
    jz 2f
1:  mov [r10], rdx
    add r10, 8
    dec r9
    jnz 1b
2:  mov r9d, r8d
    and r9d, 7
    jz 4f
3:  mov [r10], dl
    inc r10
    dec r9d
    jnz 3b
4:  ret
9:

# Copies the fewer than 16 bytes at rdx to rcx, whatever of them overlap, and returns.
.macro copy_few
    cmp r8, 8
    jb 96f
    mov r9, [rdx]
    mov r10, [rdx + r8 - 8]
    mov [rcx], r9
    mov [rcx + r8 - 8], r10
    ret
96: cmp r8, 4
    jb 97f
    mov r9d, [rdx]
    mov r10d, [rdx + r8 - 4]
    mov [rcx], r9d
    mov [rcx + r8 - 4], r10d
    ret
97: test r8, r8
    jz 98f
    movzx r9d, byte ptr [rdx]
    movzx r10d, byte ptr [rdx + r8 - 1]
    mov r11, r8
    shr r11
    movzx edx, byte ptr [rdx + r11]
    mov [rcx + r11], dl
    mov [rcx], r9b
    mov [rcx + r8 - 1], r10b
98: ret
.endm

# Fills the fewer than 16 bytes at rcx with those of rdx and returns.
.macro fill_few
    cmp r8, 8
    jb 95f
    mov [rcx], rdx
    mov [rcx + r8 - 8], rdx
    ret
95: cmp r8, 4
    jb 96f
    mov [rcx], edx
    mov [rcx + r8 - 4], edx
    ret
96: test r8, r8
    jz 97f
    mov [rcx], dl
    mov [rcx + r8 - 1], dl
    shr r8
    mov [rcx + r8], dl
97: ret
.endm

# For engines on which blocks of code run at the processor's speed: large blocks too. Only volatile registers are used, so
# that a fault in the middle is one in a leaf function.
.globl msvcrt.memmove.native
msvcrt.memmove.native:
    mov rax, rcx
    cmp r8, 16
    jb 5f
    movups xmm4, [rdx]
    movups xmm5, [rdx + r8 - 16]
    cmp r8, 32
    jbe 4f
    cmp r8, 64
    ja 1f
    movups xmm0, [rdx + 16]
    movups xmm1, [rdx + r8 - 32]
    movups [rcx + 16], xmm0
    movups [rcx + r8 - 32], xmm1
4:  movups [rcx], xmm4
    movups [rcx + r8 - 16], xmm5
    ret

# Both ends are in registers; what is between goes to aligned places, forwards or, where the areas overlap so, backwards.
1:  mov r9, rcx
    sub r9, rdx
    cmp r9, r8
    jb 3f
    movups xmm3, [rdx + r8 - 32]
    mov r10, rcx
    and r10, 15
    mov r9d, 16
    sub r9, r10
    lea r11, [r8 - 96]
    cmp r9, r11
    jg 7f
6:  movups xmm0, [rdx + r9]
    movups xmm1, [rdx + r9 + 16]
    movups xmm2, [rdx + r9 + 32]
    movaps [rcx + r9], xmm0
    movups xmm0, [rdx + r9 + 48]
    movaps [rcx + r9 + 16], xmm1
    movaps [rcx + r9 + 32], xmm2
    movaps [rcx + r9 + 48], xmm0
    add r9, 64
    cmp r9, r11
    jle 6b
7:  add r11, 64
    cmp r9, r11
    jae 8f
2:  movups xmm0, [rdx + r9]
    movups xmm1, [rdx + r9 + 16]
    movaps [rcx + r9], xmm0
    movaps [rcx + r9 + 16], xmm1
    add r9, 32
    cmp r9, r11
    jb 2b
8:  movups [rcx + r8 - 32], xmm3
    jmp 4b
3:  movups xmm3, [rdx + 16]
    lea r9, [rcx + r8 - 1]
    and r9, -16
    sub r9, rcx
2:  movups xmm0, [rdx + r9 - 16]
    movups xmm1, [rdx + r9 - 32]
    movaps [rcx + r9 - 16], xmm0
    movaps [rcx + r9 - 32], xmm1
    sub r9, 32
    cmp r9, 32
    ja 2b
    movups [rcx + 16], xmm3
    jmp 4b

5:  copy_few

# Of these, where the processor has AVX. The upper halves are clean at each return: code of the program's may be slow else.
.globl msvcrt.memmove.avx
msvcrt.memmove.avx:
    mov rax, rcx
    cmp r8, 32
    jb 5f
    vmovdqu ymm4, [rdx]
    vmovdqu ymm5, [rdx + r8 - 32]
    cmp r8, 64
    jbe 4f
    cmp r8, 128
    ja 1f
    vmovdqu ymm0, [rdx + 32]
    vmovdqu ymm1, [rdx + r8 - 64]
    vmovdqu [rcx + 32], ymm0
    vmovdqu [rcx + r8 - 64], ymm1
4:  vmovdqu [rax], ymm4
    vmovdqu [rax + r8 - 32], ymm5
    vzeroupper
    ret

# As above: both ends are in registers. r9 is the place of the last 32 bytes, r10 that of the next ones.
1:  lea r9, [rcx + r8 - 32]
    mov r10, rcx
    sub r10, rdx
    cmp r10, r8
    jb 3f
    lea r10, [rcx + 32]
    and r10, -32
    sub rdx, rcx
    add rdx, r10
    lea r11, [r9 - 96]
    cmp r10, r11
    ja 7f
6:  vmovdqu ymm0, [rdx]
    vmovdqu ymm1, [rdx + 32]
    vmovdqu ymm2, [rdx + 64]
    vmovdqu ymm3, [rdx + 96]
    sub rdx, -128
    vmovdqa [r10], ymm0
    vmovdqa [r10 + 32], ymm1
    vmovdqa [r10 + 64], ymm2
    vmovdqa [r10 + 96], ymm3
    sub r10, -128
    cmp r10, r11
    jbe 6b
7:  cmp r10, r9
    jae 4b
    vmovdqu ymm0, [rdx]
    vmovdqa [r10], ymm0
    add rdx, 32
    add r10, 32
    jmp 7b
3:  lea r10, [rcx + r8 - 1]
    and r10, -32
    sub rdx, rcx
    add rdx, r10
    add rcx, 32
2:  vmovdqu ymm0, [rdx - 32]
    vmovdqu ymm1, [rdx - 64]
    vmovdqa [r10 - 32], ymm0
    vmovdqa [r10 - 64], ymm1
    sub rdx, 64
    sub r10, 64
    lea r11, [r10 - 32]
    cmp r11, rcx
    jae 2b
    cmp r10, rcx
    jbe 4b
    vmovdqu ymm0, [rdx - 32]
    vmovdqa [r10 - 32], ymm0
    jmp 4b
5:  cmp r8, 16
    jb 5f
    movups xmm4, [rdx]
    movups xmm5, [rdx + r8 - 16]
    movups [rcx], xmm4
    movups [rcx + r8 - 16], xmm5
    ret
5:  copy_few

.globl msvcrt.memset.native
msvcrt.memset.native:
    mov rax, rcx
    movzx edx, dl
    mov r11, 0x0101010101010101
    imul rdx, r11
    cmp r8, 16
    jb 4f
    movq xmm0, rdx
    punpcklqdq xmm0, xmm0
    movups [rcx], xmm0
    movups [rcx + r8 - 16], xmm0
    lea r9, [rcx + 16]
    and r9, -16
    lea r10, [rcx + r8 - 64]
    cmp r8, 96
    jb 2f
1:  movaps [r9], xmm0
    movaps [r9 + 16], xmm0
    movaps [r9 + 32], xmm0
    movaps [r9 + 48], xmm0
    add r9, 64
    cmp r9, r10
    jbe 1b
2:  add r10, 48
    jmp 3f
2:  movaps [r9], xmm0
    add r9, 16
3:  cmp r9, r10
    jb 2b
    ret
4:  fill_few

.globl msvcrt.memset.avx
msvcrt.memset.avx:
    mov rax, rcx
    movzx edx, dl
    mov r11, 0x0101010101010101
    imul rdx, r11
    cmp r8, 16
    jb 5f
    vmovq xmm0, rdx
    vpunpcklqdq xmm0, xmm0, xmm0
    cmp r8, 32
    jb 4f
    vinsertf128 ymm0, ymm0, xmm0, 1
    lea r9, [rcx + r8 - 32]
    vmovdqu [rcx], ymm0
    vmovdqu [r9], ymm0
    add rcx, 32
    and rcx, -32
    lea r10, [r9 - 96]
    cmp r8, 160
    jb 2f
1:  vmovdqa [rcx], ymm0
    vmovdqa [rcx + 32], ymm0
    vmovdqa [rcx + 64], ymm0
    vmovdqa [rcx + 96], ymm0
    sub rcx, -128
    cmp rcx, r10
    jbe 1b
2:  cmp rcx, r9
    jae 3f
    vmovdqa [rcx], ymm0
    add rcx, 32
    jmp 2b
3:  vzeroupper
    ret
4:  vmovdqu [rcx], xmm0
    vmovdqu [rcx + r8 - 16], xmm0
    ret
5:  fill_few

.globl msvcrt.strlen
msvcrt.strlen:
    xor eax, eax
1:  cmp byte ptr [rcx + rax], 0
    je 2f
    inc eax
    cmp eax, 128
    jb 1b
    jmp 9f
2:  ret
9:

.globl msvcrt.strchr
msvcrt.strchr:
    lea r9, [rcx + 128]
    mov rax, rcx
1:  mov r8b, [rax]
    cmp r8b, dl
    je 2f
    test r8b, r8b
    jz 3f
    inc rax
    cmp rax, r9
    jb 1b
    jmp 9f
3:  xor eax, eax
2:  ret
9:

.globl msvcrt.strrchr
msvcrt.strrchr:
    xor eax, eax
    xor r9d, r9d
1:  mov r8b, [rcx + r9]
    cmp r8b, dl
    jne 2f
    lea rax, [rcx + r9]
2:  test r8b, r8b
    jz 3f
    inc r9d
    cmp r9d, 128
    jb 1b
    jmp 9f
3:  ret
9:

.globl msvcrt.strcmp
msvcrt.strcmp:
    xor r9d, r9d
1:  movzx eax, byte ptr [rcx + r9]
    movzx r8d, byte ptr [rdx + r9]
    cmp eax, r8d
    jne 2f
    test eax, eax
    jz 3f
    inc r9d
    cmp r9d, 128
    jb 1b
    jmp 9f
2:  sbb eax, eax
    or eax, 1
3:  ret
9:

.globl msvcrt.memcmp
msvcrt.memcmp:
    cmp r8, 128
    ja 9f
    xor r9d, r9d
1:  cmp r9, r8
    jae 3f
    movzx eax, byte ptr [rcx + r9]
    movzx r10d, byte ptr [rdx + r9]
    inc r9
    cmp eax, r10d
    je 1b
    sbb eax, eax
    or eax, 1
    ret
3:  xor eax, eax
    ret
9:

.globl msvcrt.strncmp
msvcrt.strncmp:
    xor r9d, r9d
1:  cmp r9, r8
    jae 3f
    movzx eax, byte ptr [rcx + r9]
    movzx r10d, byte ptr [rdx + r9]
    cmp eax, r10d
    jne 2f
    test eax, eax
    jz 3f
    inc r9d
    cmp r9d, 128
    jb 1b
    jmp 9f
2:  sbb eax, eax
    or eax, 1
    ret
3:  xor eax, eax
    ret
9:

# What is copied is measured first: a slow call must find all as it was.
.globl msvcrt.strcpy
msvcrt.strcpy:
    xor r9d, r9d
1:  cmp byte ptr [rdx + r9], 0
    je 2f
    inc r9d
    cmp r9d, 128
    jb 1b
    jmp 9f
2:  mov rax, rcx
    sub rax, rdx
    cmp rax, r9
    jbe 9f
    xor r10d, r10d
3:  mov al, [rdx + r10]
    mov [rcx + r10], al
    inc r10d
    cmp r10d, r9d
    jbe 3b
    mov rax, rcx
    ret
9:

.globl msvcrt.memchr
msvcrt.memchr:
    xor r9d, r9d
1:  cmp r9, r8
    jae 3f
    cmp [rcx + r9], dl
    je 2f
    inc r9d
    cmp r9d, 128
    jb 1b
    jmp 9f
2:  lea rax, [rcx + r9]
    ret
3:  xor eax, eax
    ret
9:

.globl msvcrt.wcslen
msvcrt.wcslen:
    xor eax, eax
1:  cmp word ptr [rcx + rax * 2], 0
    je 2f
    inc eax
    cmp eax, 128
    jb 1b
    jmp 9f
2:  ret
9:

# Characters below 0x80 are of the same class in every locale, and those of UTF-16 as well; others are for the host. But TAB
# is a blank that can be printed in some locales, and letters have another flag (0x100) in all but that of C: which it is
# stands in the TEB (TEB_LETTERS in base.py).
.macro flags mask, letters
    lea r10, [rip + 1f]
    movzx eax, byte ptr [r10 + rax]
    .if (\mask) & 0x100
    test al, 3
    setnz ah
    .if \letters
    and ah, gs:[0x1fc1]
    .endif
    .endif
    and eax, \mask
    ret
1:  .fill 9, 1, 0x20
    .fill 5, 1, 0x28
    .fill 18, 1, 0x20
    .fill 1, 1, 0x48
    .fill 15, 1, 0x10
    .fill 10, 1, 0x84
    .fill 7, 1, 0x10
    .fill 6, 1, 0x81
    .fill 20, 1, 0x01
    .fill 6, 1, 0x10
    .fill 6, 1, 0x82
    .fill 20, 1, 0x02
    .fill 4, 1, 0x10
    .fill 1, 1, 0x20
.endm
.macro class name, mask, but=-1
.globl msvcrt.is\name
msvcrt.is\name:
    mov eax, ecx
    cmp eax, 0x80
    jae 9f
    .if \but >= 0
    cmp eax, \but
    je 9f
    .endif
    .if (\mask) & 0x100
    cmp byte ptr gs:[0x1fc0], 0
    je 9f
    .endif
    flags \mask, 1
9:
.globl msvcrt.isw\name
msvcrt.isw\name:
    movzx eax, cx
    cmp eax, 0x80
    jae 9f
    flags \mask, 0
9:
.endm
class alnum, 0x107
class alpha, 0x103
class cntrl, 0x20
class digit, 4
class graph, 0x117
class lower, 2
class print, 0x157, 9
class punct, 0x10
class space, 8
class upper, 1
class xdigit, 0x80

.macro casing name, first
.globl msvcrt.\name
msvcrt.\name:
    cmp ecx, 0x80
    jae 9f
    lea eax, [rcx - \first]
    cmp eax, 26
    mov eax, ecx
    jae 1f
    xor eax, 0x20
1:  ret
9:
.endm
casing toupper, 0x61
casing tolower, 0x41

.macro casing_unit name, first
.globl msvcrt.\name
msvcrt.\name:
    movzx eax, cx
    cmp eax, 0x80
    jae 9f
    lea r10d, [rax - \first]
    cmp r10d, 26
    jae 1f
    xor eax, 0x20
1:  ret
9:
.endm
casing_unit towupper, 0x61
casing_unit towlower, 0x41

# Through the window of a stream (windows.py), which no second thread can see: _cnt and _ptr of FILE, and IOWRT or IOREAD in
# its _flag.
.globl msvcrt.fputc
msvcrt.fputc:
    test rdx, rdx
    jz 9f
    test byte ptr [rdx + 24], 2
    jz 9f
    dec dword ptr [rdx + 8]
    js 1f
    mov rax, [rdx]
    mov [rax], cl
    inc qword ptr [rdx]
    movzx eax, cl
    ret
1:  inc dword ptr [rdx + 8]
9:

.globl msvcrt.fgetc
msvcrt.fgetc:
    test rcx, rcx
    jz 9f
    test byte ptr [rcx + 24], 1
    jz 9f
    dec dword ptr [rcx + 8]
    js 1f
    mov rax, [rcx]
    inc qword ptr [rcx]
    movzx eax, byte ptr [rax]
    ret
1:  inc dword ptr [rcx + 8]
9:

# Back into a window goes what came out of it. The word behind _cnt says so to who closes the window.
.globl msvcrt.ungetc
msvcrt.ungetc:
    test rdx, rdx
    jz 9f
    test byte ptr [rdx + 24], 1
    jz 9f
    mov rax, [rdx + 16]
    test rax, rax
    jz 9f
    mov r10, [rdx]
    cmp r10, rax
    jbe 9f
    cmp ecx, -1
    je 9f
    cmp [r10 - 1], cl
    jne 9f
    dec r10
    mov [rdx], r10
    inc dword ptr [rdx + 8]
    mov dword ptr [rdx + 12], 1
    movzx eax, cl
    ret
9:

.globl msvcrt.ferror
msvcrt.ferror:
    test rcx, rcx
    jz 9f
    mov eax, [rcx + 24]
    and eax, 0x20
    ret
9:

.globl msvcrt.feof
msvcrt.feof:
    test rcx, rcx
    jz 9f
    mov eax, [rcx + 24]
    and eax, 0x10
    ret
9:

.globl msvcrt.__iob_func
msvcrt.__iob_func:
    mov rax, gs:[0x1fc8]
    test rax, rax
    jz 9f
    ret
9:

.globl msvcrt.__acrt_iob_func
msvcrt.__acrt_iob_func:
    mov rax, gs:[0x1fd0]
    test rax, rax
    jz 9f
    cmp ecx, 3
    jae 9f
    mov r10d, ecx
    lea r10, [r10 + r10 * 2]
    shl r10, 4
    add rax, r10
    ret
9:

.globl msvcrt._errno
msvcrt._errno:
    mov rax, gs:[0x1fd8]
    test rax, rax
    jz 9f
    ret
9:

# By the tables of upper and lower case that litebox_core/casetable.py puts into memory when they are asked for often.
.macro OTHER_CASE unit, low, table, a, wide, b
    mov \a, \unit
    shr \a, 8
    movzx \a, word ptr [\table + \wide * 2]
    mov \b, \unit
    shr \b, 4
    and \b, 15
    add \a, \b
    movzx \a, word ptr [\table + \wide * 2]
    mov \b, \unit
    and \b, 15
    add \a, \b
    add \low, [\table + \wide * 2]
.endm

# The table's address in r10, if it is there.
.macro CASE_TABLE
    mov r10, gs:[0x60]
    mov r10, [r10 + 0xb0]
    test r10, r10
    jz 9f
.endm

.globl ntdll.RtlUpcaseUnicodeChar
ntdll.RtlUpcaseUnicodeChar:
    CASE_TABLE
    add r10, 4
    movzx eax, cx
    OTHER_CASE eax, ax, r10, r11d, r11, r8d
    ret
9:

.globl ntdll.RtlDowncaseUnicodeChar
ntdll.RtlDowncaseUnicodeChar:
    CASE_TABLE
    movzx eax, word ptr [r10 + 2]
    lea r10, [r10 + rax * 2 + 4]
    movzx eax, cx
    OTHER_CASE eax, ax, r10, r11d, r11, r8d
    ret
9:

# The home space keeps how many units are left, and by how many the first text is the longer one.
.globl kernel32.CompareStringOrdinal
kernel32.CompareStringOrdinal:
    test rcx, rcx
    jz 9f
    test r8, r8
    jz 9f
    cmp edx, -1
    jl 9f
    cmp r9d, -1
    jl 9f
    xor r10d, r10d
    cmp dword ptr [rsp + 40], 0
    je 1f
    CASE_TABLE
    add r10, 4
1:  cmp edx, -1
    jne 3f
    mov rax, rcx
2:  cmp word ptr [rax], 0
    lea rax, [rax + 2]
    jne 2b
    sub rax, rcx
    shr rax, 1
    lea edx, [rax - 1]
3:  cmp r9d, -1
    jne 5f
    mov rax, r8
4:  cmp word ptr [rax], 0
    lea rax, [rax + 2]
    jne 4b
    sub rax, r8
    shr rax, 1
    lea r9d, [rax - 1]
5:  mov eax, edx
    sub eax, r9d
    mov [rsp + 16], eax
    cmp edx, r9d
    cmovg edx, r9d
    mov [rsp + 8], edx
6:  sub dword ptr [rsp + 8], 1
    js 8f
    movzx eax, word ptr [rcx]
    movzx r11d, word ptr [r8]
    add rcx, 2
    add r8, 2
    cmp eax, r11d
    je 6b
    test r10, r10
    jz 7f
    OTHER_CASE eax, ax, r10, edx, rdx, r9d
    OTHER_CASE r11d, r11w, r10, edx, rdx, r9d
7:  cmp eax, r11d
    je 6b
    mov eax, 3
    mov edx, 1
    cmovb eax, edx
    ret
8:  cmp dword ptr [rsp + 16], 0
    mov eax, 2
    je 1f
    mov eax, 3
    mov edx, 1
    cmovl eax, edx
1:  ret
9:

# Small blocks of the process heap, from the thread's shelf and back to it: ntdll's executive/shelves.py says how
# it looks. The block is in rax, its size in 16 bytes in r11.
.macro TAKE size, low
    mov r10, gs:[0x1fb0]
    test r10, r10
    jz 9f
    lea rax, [\size - 1]
    cmp rax, 3576
    jae 9f
    lea r11d, [\size + 23]
    shr r11d, 4
    movzx eax, byte ptr [r10 + r11]
    shl eax, 11
    lea r10, [r10 + rax + 512]
    mov eax, [r10]
    dec eax
    js 9f
    mov [r10], eax
    mov rax, [r10 + rax * 8 + 8]
    mov r10, gs:[0x1fb0]
    movzx r10d, byte ptr [r10 + r11]
    or r10d, 0xa500
    mov [rax - 2], r10w
    mov r10d, gs:[0x1fb8]
    mov [rax - 8], r10d
    mov [rax - 4], \low
.endm

.macro PUT block
    test \block, 15
    jnz 9f
    test \block, 0xfff
    jz 9f
    mov r10, gs:[0x1fb0]
    test r10, r10
    jz 9f
    cmp \block, gs:[0x1fe0]
    jb 9f
    cmp \block, gs:[0x1fe8]
    ja 9f
    mov rax, [\block - 8]
    cmp eax, gs:[0x1fb8]
    jne 9f
    shr rax, 48
    mov r11d, eax
    shr r11d, 8
    cmp r11d, 0xa5
    jne 9f
    movzx eax, al
    cmp eax, 43
    jae 9f
    shl eax, 11
    lea r10, [r10 + rax + 512]
    mov eax, [r10]
    cmp eax, 254
    jae 9f
    mov [r10 + rax * 8 + 8], \block
    inc eax
    mov [r10], eax
    mov byte ptr [\block - 1], 0x5a
.endm

# The last 8 bytes are not the program's.
.macro CLEAR
    lea r11d, [r11 + r11 - 1]
1:  dec r11d
    mov qword ptr [rax + r11 * 8], 0
    jnz 1b
.endm

.globl msvcrt.malloc
msvcrt.malloc:
    TAKE rcx, cx
    ret
9:

.globl msvcrt.calloc
msvcrt.calloc:
    mov rax, rcx
    or rax, rdx
    cmp rax, 3576
    ja 9f
    mov r8d, ecx
    imul r8d, edx
    TAKE r8, r8w
    CLEAR
    ret
9:

.globl msvcrt.free
msvcrt.free:
    test rcx, rcx
    jz 2f
    PUT rcx
2:  ret
9:

# HeapAlloc and HeapFree, for the process heap and the flags HEAP_NO_SERIALIZE and HEAP_ZERO_MEMORY.
.macro HEAP_ALLOCATE
    mov rax, gs:[0x60]
    cmp rcx, [rax + 0x30]
    jne 9f
    test edx, 0xfffffff6
    jnz 9f
    TAKE r8, r8w
    test edx, 8
    jz 2f
    CLEAR
2:  ret
.endm

.macro HEAP_FREE
    mov rax, gs:[0x60]
    cmp rcx, [rax + 0x30]
    jne 9f
    test edx, 0xfffffffe
    jnz 9f
    PUT r8
    mov eax, 1
    ret
.endm

.globl kernel32.HeapAlloc
kernel32.HeapAlloc:
    HEAP_ALLOCATE
9:

.globl kernel32.HeapFree
kernel32.HeapFree:
    HEAP_FREE
9:

.globl ntdll.RtlAllocateHeap
ntdll.RtlAllocateHeap:
    HEAP_ALLOCATE
9:

.globl ntdll.RtlFreeHeap
ntdll.RtlFreeHeap:
    HEAP_FREE
9:

.globl end
end:
