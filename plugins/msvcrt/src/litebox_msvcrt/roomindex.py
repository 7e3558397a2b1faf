"""What the rooms export that are imported when they are needed. Made by tools/gen_rooms.py; do not edit."""

from litebox_core.rooms import Index

INDEX: Index = {
    "aligned": (4035, {
        "shared": (
            "_aligned_malloc _aligned_offset_malloc _aligned_realloc _aligned_offset_realloc _aligned_recalloc "
            "_aligned_offset_recalloc _aligned_free _aligned_msize "
        ),
    }),
    "conio": (10275, {
        "shared": (
            "_getch _getch_nolock _getche _getche_nolock _getwch _getwch_nolock _getwche _getwche_nolock _ungetch "
            "_ungetch_nolock _ungetwch _ungetwch_nolock _kbhit _putch _putch_nolock _putwch _putwch_nolock _cputs "
            "_cputws _cgets "
        ),
        "msvcrt": "_cprintf _vcprintf _cwprintf _vcwprintf _cprintf_l _vcprintf_l _cwprintf_l _vcwprintf_l",
        "ucrtbase": (
            "__conio_common_vcprintf __conio_common_vcwprintf __conio_common_vcprintf_s __conio_common_vcwprintf_s "
            "__conio_common_vcprintf_p __conio_common_vcwprintf_p "
        ),
    }),
    "conversion": (12147, {
        "shared": (
            "strtol^strtol _strtol_l strtoul _strtoul_l _strtoi64 _strtoi64_l _strtoui64 _strtoui64_l wcstol "
            "_wcstol_l wcstoul _wcstoul_l _wcstoi64 _wcstoi64_l _wcstoui64 _wcstoui64_l _atoi64 _atoi64_l _wtoi64 "
            "_wtoi64_l strtod~ _strtod_l~ wcstod~ _wcstod_l~ atof~ _atof_l~ _wtof~ _wtof_l~ _atodbl _atoflt "
            "_atodbl_l _atoflt_l _itoa _itoa_s _ltoa _ltoa_s _ultoa _ultoa_s _i64toa _i64toa_s _ui64toa _ui64toa_s "
            "_itow _itow_s _ltow _ltow_s _ultow _ultow_s _i64tow _i64tow_s _ui64tow _ui64tow_s "
        ),
        "ucrtbase": (
            "strtoll _strtoll_l strtoull _strtoull_l strtoimax _strtoimax_l strtoumax _strtoumax_l wcstoll "
            "_wcstoll_l wcstoull _wcstoull_l wcstoimax _wcstoimax_l wcstoumax _wcstoumax_l atoi^atoi _atoi_l "
            "atol^atoi _atol_l _wtoi _wtoi_l _wtol _wtol_l atoll _atoll_l _wtoll _wtoll_l strtold~ _strtold_l~ "
            "strtof~ _strtof_l~ wcstold~ _wcstold_l~ wcstof~ _wcstof_l~ "
        ),
        "msvcrt": "atoi^atoi _atoi_l atol^atoi _atol_l _wtoi _wtoi_l _wtol _wtol_l",
    }),
    "cxxthrow": (8945, {
        "shared": (
            "_CxxThrowException __CxxFrameHandler3 __CxxFrameHandler __CxxFrameHandler2 __CxxFrameHandler4 "
            "__CxxExceptionFilter __CxxDetectRethrow __CxxQueryExceptionSize __CxxRegisterExceptionObject "
            "__CxxUnregisterExceptionObject __DestructExceptionObject __uncaught_exception "
        ),
        "ucrtbase": (
            "_is_exception_typeof __AdjustPointer __current_exception __current_exception_context "
            "__processing_throw __uncaught_exceptions _set_se_translator "
        ),
        "msvcrt": "?_set_se_translator@@YAP6AXIPEAU_EXCEPTION_POINTERS@@@ZP6AXI0@Z@Z",
    }),
    "direct": (5161, {
        "shared": (
            "_mkdir _wmkdir _rmdir _wrmdir _chdir _wchdir _getcwd _wgetcwd _getdcwd _wgetdcwd _getdrive _chdrive "
            "_getdrives _fullpath _wfullpath "
        ),
    }),
    "environapi": (8481, {
        "shared": (
            "getenv _wgetenv _putenv _wputenv _putenv_s _wputenv_s getenv_s _wgetenv_s _dupenv_s _wdupenv_s "
            "_searchenv _wsearchenv _searchenv_s _wsearchenv_s "
        ),
    }),
    "errnoapi": (1424, {
        "shared": "_errno^_errno __doserrno _get_errno _set_errno _get_doserrno _set_doserrno",
    }),
    "filenames": (4197, {
        "shared": (
            "_unlink remove _wunlink _wremove rename _wrename _access _waccess _access_s _waccess_s _chmod _wchmod "
        ),
    }),
    "files": (9517, {
        "shared": (
            "fopen _wfopen _fsopen _wfsopen fopen_s _wfopen_s _fdopen _wfdopen _fileno freopen _wfreopen freopen_s "
            "_wfreopen_s fclose _fclose_nolock _fcloseall feof^feof ferror^ferror clearerr clearerr_s setvbuf "
            "setbuf _getmaxstdio _setmaxstdio "
        ),
    }),
    "filters": (2723, {
        "shared": "__pxcptinfoptrs",
        "msvcrt": "_XcptFilter __CppXcptFilter",
        "ucrtbase": "_seh_filter_exe _seh_filter_dll",
    }),
    "find": (5305, {
        "shared": (
            "_findfirst32 _wfindfirst32 _findnext32 _wfindnext32 _findfirst64i32 _wfindfirst64i32 _findnext64i32 "
            "_wfindnext64i32 _findfirst32i64 _wfindfirst32i64 _findnext32i64 _wfindnext32i64 _findfirst64 "
            "_wfindfirst64 _findnext64 _wfindnext64 _findclose "
        ),
        "msvcrt": (
            "_findfirst _wfindfirst _findnext _wfindnext _findfirsti64 _wfindfirsti64 _findnexti64 _wfindnexti64 "
        ),
    }),
    "float": (6849, {
        "shared": "_control87 _controlfp _controlfp_s _statusfp _clearfp _fpreset",
        "ucrtbase": (
            "_set_controlfp fegetround __fpe_flt_rounds fesetround fetestexcept feclearexcept fegetenv fesetenv "
            "feholdexcept fegetexceptflag fesetexceptflag "
        ),
    }),
    "floattext": (3865, {
        "shared": "_ecvt~ _fcvt~ _ecvt_s~ _fcvt_s~ _gcvt~ _gcvt_s~",
    }),
    "formatlocale": (6460, {
        "msvcrt": (
            "_snprintf_c _vsnprintf_c _swprintf_c _vswprintf_c _vsprintf_p _fprintf_l _vfprintf_l _printf_l "
            "_vprintf_l _fwprintf_l _vfwprintf_l _wprintf_l _vwprintf_l _fprintf_s_l _vfprintf_s_l _printf_s_l "
            "_vprintf_s_l _fwprintf_s_l _vfwprintf_s_l _wprintf_s_l _vwprintf_s_l _fprintf_p_l _vfprintf_p_l "
            "_printf_p_l _vprintf_p_l _fwprintf_p_l _vfwprintf_p_l _wprintf_p_l _vwprintf_p_l _sprintf_l "
            "_vsprintf_l _vswprintf_l _sprintf_s_l _vsprintf_s_l _swprintf_s_l _vswprintf_s_l _snprintf_l "
            "_vsnprintf_l _snwprintf_l _vsnwprintf_l _snprintf_s_l _vsnprintf_s_l _snwprintf_s_l _vsnwprintf_s_l "
            "_scprintf_l _vscprintf_l _scwprintf_l _vscwprintf_l _snprintf_c_l _vsnprintf_c_l _swprintf_c_l "
            "_vswprintf_c_l _sprintf_p_l _vsprintf_p_l _swprintf_p_l _vswprintf_p_l _scprintf_p_l _vscprintf_p_l "
            "_scwprintf_p_l _vscwprintf_p_l _scanf_l _wscanf_l _fscanf_l _fwscanf_l _sscanf_l _swscanf_l _snscanf_l "
            "_snwscanf_l _scanf_s_l _wscanf_s_l _fscanf_s_l _fwscanf_s_l _sscanf_s_l _swscanf_s_l _snscanf_s_l "
            "_snwscanf_s_l _get_output_format _set_output_format "
        ),
    }),
    "io": (12314, {
        "shared": (
            "_open _wopen _sopen _wsopen _sopen_s _wsopen_s _creat _wcreat _close _read _write _lseek _lseeki64 "
            "_tell _telli64 _eof _filelength _filelengthi64 _chsize _chsize_s _commit _locking _dup _dup2 _isatty "
            "_setmode _get_osfhandle _open_osfhandle _pipe _umask _umask_s "
        ),
        "ucrtbase": "_sopen_dispatch _wsopen_dispatch",
    }),
    "locks": (2085, {
        "msvcrt": "_lock _unlock",
        "shared": "_lock_file _unlock_file",
    }),
    "malloc": (8052, {
        "shared": (
            "malloc^malloc _malloc_base^malloc calloc^calloc _calloc_base^calloc free^free _free_base^free realloc "
            "_realloc_base _recalloc _msize _expand _callnewh _heapchk _heapmin _heapwalk _get_heap_handle "
        ),
        "msvcrt": (
            "??2@YAPEAX_K@Z^malloc ??_U@YAPEAX_K@Z^malloc ??3@YAXPEAX@Z^free ??_V@YAXPEAX@Z^free "
            "?_set_new_handler@@YAP6AH_K@ZP6AH0@Z@Z ?_set_new_mode@@YAHH@Z ?_query_new_mode@@YAHXZ _heapset "
            "_get_sbh_threshold _set_sbh_threshold "
        ),
        "ucrtbase": "_set_new_handler _query_new_handler _set_new_mode _query_new_mode",
    }),
    "math": (12665, {
        "shared": (
            "acos~ acosf~ asin~ asinf~ atan~ atanf~ ceil~ ceilf~ cos~ cosf~ cosh~ coshf~ exp~ expf~ fabs~ floor~ "
            "floorf~ log~ logf~ log10~ log10f~ sin~ sinf~ sinh~ sinhf~ sqrt~ sqrtf~ tan~ tanf~ tanh~ tanhf~ atan2~ "
            "atan2f~ fmod~ fmodf~ pow~ powf~ frexp~ ldexp~ modf~ modff~ _scalb~ _scalbf~ _hypot~ _hypotf~ _cabs~ "
            "_copysign~ _copysignf~ _nextafter~ _logb~ _logbf~ _chgsign~ _chgsignf~ _nextafterf~ _finite~ _finitef~ "
            "_isnan~ _isnanf~ _fpclass~ _fpclassf~ _j0~ _j1~ "
        ),
        "ucrtbase": (
            "acosh~ acoshl~ acoshf~ asinh~ asinhl~ asinhf~ atanh~ atanhl~ atanhf~ cbrt~ cbrtl~ cbrtf~ erf~ erfl~ "
            "erff~ erfc~ erfcl~ erfcf~ exp2~ exp2l~ exp2f~ expm1~ expm1l~ expm1f~ lgamma~ lgammal~ lgammaf~ log1p~ "
            "log1pl~ log1pf~ log2~ log2l~ log2f~ logb~ logbl~ logbf~ nearbyint~ nearbyintl~ nearbyintf~ rint~ "
            "rintl~ rintf~ round~ roundl~ roundf~ tgamma~ tgammal~ tgammaf~ trunc~ truncl~ truncf~ copysign~ "
            "copysignl~ copysignf~ fdim~ fdiml~ fdimf~ fmax~ fmaxl~ fmaxf~ fmin~ fminl~ fminf~ nextafter~ "
            "nextafterl~ remainder~ remainderl~ remainderf~ scalbn~ scalbnl~ scalbln~ scalblnl~ scalbnf~ scalblnf~ "
            "hypot~ nextafterf~ nexttoward~ nexttowardl~ nexttowardf~ _dclass~ _ldclass~ _fdclass~ _dsign~ _ldsign~ "
            "_fdsign~ _dtest _ldtest _fdtest lrint~ lrintl~ lrintf~ llrint~ llrintl~ llrintf~ lround~ lroundl~ "
            "lroundf~ llround~ llroundl~ llroundf~ ilogb~ ilogbl~ ilogbf~ nan~ nanl~ nanf~ fma~ fmal~ fmaf~ remquo~ "
            "remquol~ remquof~ "
        ),
    }),
    "mbconvert": (16560, {
        "shared": (
            "mbtowc _mbtowc_l mblen _mblen_l wctomb _wctomb_l wctomb_s _wctomb_s_l btowc wctob mbstowcs _mbstowcs_l "
            "wcstombs _wcstombs_l mbstowcs_s _mbstowcs_s_l wcstombs_s _wcstombs_s_l mbrtowc mbrlen wcrtomb "
            "wcrtomb_s mbsrtowcs wcsrtombs _mbstrlen _mbstrnlen "
        ),
    }),
    "mbctype": (8073, {
        "shared": (
            "_ismbbalnum _ismbbalpha _ismbbgraph _ismbbprint _ismbbpunct _ismbbkalnum _ismbbkprint _ismbbkpunct "
            "_ismbbkana _ismbblead _ismbbtrail _ismbcalnum _ismbcalpha _ismbcdigit _ismbcgraph _ismbclower "
            "_ismbcprint _ismbcpunct _ismbcspace _ismbcupper _ismbclegal _ismbchira _ismbckata _ismbcsymbol "
            "_ismbcl0 _ismbcl1 _ismbcl2 _mbbtype _mbbtype_l _mbctolower _mbctoupper _mbcjistojms _mbcjmstojis "
            "_mbctohira _mbctokata _mbbtombc _mbctombb "
        ),
        "ucrtbase": "_ismbbblank _ismbcblank",
    }),
    "mblocale": (5820, {
        "shared": (
            "_ismbbalnum_l _ismbbalpha_l _ismbbgraph_l _ismbbprint_l _ismbbpunct_l _ismbbkalnum_l _ismbbkprint_l "
            "_ismbbkpunct_l _ismbbkana_l _ismbblead_l _ismbbtrail_l _ismbcalnum_l _ismbcalpha_l _ismbcdigit_l "
            "_ismbcgraph_l _ismbclower_l _ismbcprint_l _ismbcpunct_l _ismbcspace_l _ismbcupper_l _ismbclegal_l "
            "_ismbchira_l _ismbckata_l _ismbcsymbol_l _ismbcl0_l _ismbcl1_l _ismbcl2_l _mbctolower_l _mbctoupper_l "
            "_mbcjistojms_l _mbcjmstojis_l _mbctohira_l _mbctokata_l _mbbtombc_l _mbctombb_l _mbclen_l _mbslen_l "
            "_mbsnccnt_l _mbsnbcnt_l _mbsinc_l _mbsdec_l _mbsninc_l _mbsnextc_l _mbsbtype_l _ismbslead_l "
            "_ismbstrail_l _mbscmp_l _mbsicmp_l _mbsncmp_l _mbsnicmp_l _mbsnbcmp_l _mbsnbicmp_l _mbschr_l "
            "_mbsrchr_l _mbsstr_l _mbsspn_l _mbscspn_l _mbsspnp_l _mbspbrk_l _mbccpy_l _mbsncpy_l _mbsnbcpy_l "
            "_mbsncat_l _mbsnbcat_l _mbsupr_l _mbslwr_l _mbsrev_l _mbsset_l _mbscpy_s_l _mbscat_s_l _mbsnbcpy_s_l "
            "_mbsnbcat_s_l _mbccpy_s_l _mbsupr_s_l _mbslwr_s_l _mbsnbset_l _mbsnset_l _mbstok_s_l _mbsnlen_l "
            "_mbstok_l _mbstrlen_l _mbstrnlen_l _mbscoll _mbscoll_l _mbsicoll _mbsicoll_l _mbsncoll _mbsncoll_l "
            "_mbsnicoll _mbsnicoll_l _mbsnbcoll _mbsnbcoll_l _mbsnbicoll _mbsnbicoll_l "
        ),
    }),
    "mbsecure": (9506, {
        "shared": (
            "_mbscpy_s _mbscat_s _mbsnbcpy_s _mbsnbcat_s _mbccpy_s _mbsupr_s _mbslwr_s _mbsnbset _mbsnset _mbstok_s "
            "_mbsnlen mbsrtowcs_s wcsrtombs_s "
        ),
    }),
    "mbstring": (12652, {
        "shared": (
            "_getmbcp _setmbcp __p__mbctype _mbclen _mbslen _mbsnccnt _mbsnbcnt _mbsinc _mbsdec _mbsninc _mbsnextc "
            "_mbsbtype _ismbslead _ismbstrail _mbscmp _mbsicmp _mbsncmp _mbsnicmp _mbsnbcmp _mbsnbicmp _mbschr "
            "_mbsrchr _mbsstr _mbsspn _mbscspn _mbsspnp _mbspbrk _mbstok _mbsdup _mbccpy _mbsncpy _mbsnbcpy "
            "_mbsncat _mbsnbcat _mbsupr _mbslwr _mbsrev _mbsset "
        ),
        "msvcrt": "_mbscpy _mbscat",
    }),
    "pathtext": (6677, {
        "shared": (
            "_splitpath _wsplitpath _splitpath_s _wsplitpath_s _makepath _wmakepath _makepath_s _wmakepath_s "
        ),
    }),
    "positioning": (2136, {
        "shared": (
            "fseek _fseek_nolock _fseeki64 _fseeki64_nolock ftell _ftell_nolock _ftelli64 _ftelli64_nolock rewind "
            "fgetpos fsetpos "
        ),
    }),
    "printf": (7180, {
        "msvcrt": (
            "fprintf^fprintf vfprintf^vfprintf printf^printf vprintf^vprintf fwprintf vfwprintf wprintf vwprintf "
            "fprintf_s vfprintf_s printf_s vprintf_s fwprintf_s vfwprintf_s wprintf_s vwprintf_s _fprintf_p "
            "_vfprintf_p _printf_p _vprintf_p _fwprintf_p _vfwprintf_p _wprintf_p _vwprintf_p sprintf^sprintf "
            "vsprintf^vsprintf swprintf vswprintf sprintf_s vsprintf_s swprintf_s vswprintf_s _snprintf^_snprintf "
            "_vsnprintf^_vsnprintf _snwprintf _vsnwprintf _snprintf_s _vsnprintf_s _snwprintf_s _vsnwprintf_s "
            "_scprintf _vscprintf _scwprintf _vscwprintf vsnprintf^_vsnprintf _swprintf _vswprintf "
        ),
        "shared": "_set_printf_count_output _get_printf_count_output",
    }),
    "process": (5809, {
        "shared": (
            "_beginthread _beginthreadex _endthread _endthreadex __threadid __threadhandle _getpid _sleep "
        ),
    }),
    "reading": (10100, {
        "shared": (
            "fread _fread_nolock fread_s fgetc^fgetc getc^fgetc _fgetc_nolock^fgetc _getc_nolock^fgetc getchar "
            "_fgetchar fgets gets gets_s fgetwc getwc _fgetwc_nolock getwchar _fgetwchar fgetws _getws _getw "
            "ungetc^ungetc _ungetc_nolock^ungetc ungetwc _ungetwc_nolock "
        ),
        "msvcrt": "_filbuf",
    }),
    "rtti": (6642, {
        "shared": "__RTtypeid __RTCastToVoid __RTDynamicCast __unDName __unDNameEx",
        "msvcrt": "?name@type_info@@QEBAPEBDXZ ??1type_info@@UEAA@XZ",
    }),
    "scanf": (3218, {
        "msvcrt": (
            "scanf wscanf fscanf fwscanf sscanf swscanf _snscanf _snwscanf scanf_s wscanf_s fscanf_s fwscanf_s "
            "sscanf_s swscanf_s _snscanf_s _snwscanf_s "
        ),
    }),
    "signals": (3744, {
        "shared": "signal raise",
    }),
    "sorting": (4882, {
        "shared": (
            "qsort^qsort qsort_s^qsort_s bsearch^bsearch bsearch_s^bsearch_s _lfind _lfind_s _lsearch _lsearch_s "
        ),
    }),
    "spawning": (14947, {
        "shared": (
            "_spawnv _spawnve _spawnl _spawnle _execv _execve _execl _execle _spawnvp _spawnvpe _spawnlp _spawnlpe "
            "_execvp _execvpe _execlp _execlpe _wspawnv _wspawnve _wspawnl _wspawnle _wexecv _wexecve _wexecl "
            "_wexecle _wspawnvp _wspawnvpe _wspawnlp _wspawnlpe _wexecvp _wexecvpe _wexeclp _wexeclpe _cwait system "
            "_wsystem _popen _wpopen _pclose "
        ),
    }),
    "stackreset": (1331, {
        "shared": "_resetstkoflw",
    }),
    "stat": (4659, {
        "shared": (
            "_stat32 _wstat32 _fstat32 _stat64i32 _wstat64i32 _fstat64i32 _stat32i64 _wstat32i64 _fstat32i64 "
            "_stat64 _wstat64 _fstat64 "
        ),
        "msvcrt": "_stat _wstat _fstat _stati64 _wstati64 _fstati64",
    }),
    "stdiocommon": (7229, {
        "ucrtbase": (
            "__stdio_common_vfprintf^__stdio_common_vfprintf __stdio_common_vfwprintf __stdio_common_vfprintf_s "
            "__stdio_common_vfwprintf_s __stdio_common_vfprintf_p __stdio_common_vfwprintf_p "
            "__stdio_common_vsprintf^__stdio_common_vsprintf __stdio_common_vswprintf __stdio_common_vsprintf_s "
            "__stdio_common_vswprintf_s __stdio_common_vsprintf_p __stdio_common_vswprintf_p "
            "__stdio_common_vsnprintf_s __stdio_common_vsnwprintf_s __stdio_common_vsscanf __stdio_common_vswscanf "
            "__stdio_common_vfscanf __stdio_common_vfwscanf "
        ),
    }),
    "string_change": (7693, {
        "shared": (
            "_strlwr _strupr _wcslwr _wcsupr _strlwr_l _strupr_l _wcslwr_l _wcsupr_l _strlwr_s _strupr_s _wcslwr_s "
            "_wcsupr_s _strlwr_s_l _strupr_s_l _wcslwr_s_l _wcsupr_s_l _strset _wcsset _strnset _wcsnset _strset_s "
            "_wcsset_s _strnset_s _wcsnset_s _strrev _wcsrev "
        ),
    }),
    "string_compare": (14656, {
        "shared": (
            "strcmp^strcmp wcscmp^wcscmp strncmp^strncmp wcsncmp^wcsncmp _stricmp^_stricmp _stricmp_l "
            "_wcsicmp^_wcsicmp _wcsicmp_l _strnicmp^_strnicmp _strnicmp_l _wcsnicmp^_wcsnicmp _wcsnicmp_l strcoll "
            "_strcoll_l _stricoll _stricoll_l _strncoll _strncoll_l _strnicoll _strnicoll_l wcscoll _wcscoll_l "
            "_wcsicoll _wcsicoll_l _wcsncoll _wcsncoll_l _wcsnicoll _wcsnicoll_l strxfrm _strxfrm_l wcsxfrm "
            "_wcsxfrm_l "
        ),
        "msvcrt": "_strcmpi",
    }),
    "string_copy": (4053, {
        "shared": (
            "strlen^strlen wcslen^wcslen strnlen wcsnlen strcpy^strcpy wcscpy^wcscpy strcat^strcat wcscat^wcscat "
            "strncpy^strncpy wcsncpy^wcsncpy strncat wcsncat _strdup _wcsdup __strncnt "
        ),
        "ucrtbase": "__wcsncnt",
    }),
    "string_memory": (4309, {
        "shared": (
            "memcpy^memmove memmove^memmove memset^memset memcmp^memcmp memchr^memchr _memccpy _memicmp _memicmp_l "
            "memcpy_s memmove_s _swab "
        ),
        "ucrtbase": "wmemcpy_s wmemmove_s",
    }),
    "string_search": (3789, {
        "shared": (
            "strchr^strchr wcschr^wcschr strrchr^strrchr wcsrchr^wcsrchr strstr^strstr wcsstr^wcsstr strspn^strspn "
            "wcsspn^wcsspn strcspn^strcspn wcscspn^wcscspn strpbrk^strpbrk wcspbrk^wcspbrk "
        ),
    }),
    "string_secure": (4833, {
        "shared": "strcpy_s wcscpy_s strncpy_s wcsncpy_s strcat_s wcscat_s strncat_s wcsncat_s",
    }),
    "string_tokens": (3293, {
        "shared": "strtok strtok_s wcstok_s",
        "msvcrt": "wcstok",
        "ucrtbase": "wcstok",
    }),
    "tempfiles": (9173, {
        "shared": (
            "tmpnam _wtmpnam tmpnam_s _wtmpnam_s _tempnam _wtempnam _mktemp _wmktemp _mktemp_s _wmktemp_s tmpfile "
            "tmpfile_s _rmtmp "
        ),
    }),
    "time": (7245, {
        "shared": (
            "clock _gmtime32 _gmtime32_s _localtime32 _localtime32_s _gmtime64 _gmtime64_s _localtime64 "
            "_localtime64_s _time32 _mktime32 _mkgmtime32 _difftime32~ _time64 _mktime64 _mkgmtime64 _difftime64~ "
            "_ftime32 _ftime32_s _ftime64 _ftime64_s _getsystime "
        ),
        "msvcrt": (
            "_time64 time _mktime64 mktime _mkgmtime64 _mkgmtime _gmtime64 gmtime _localtime64 localtime "
            "_difftime64~ difftime~ _ftime64 _ftime "
        ),
        "ucrtbase": "_timespec32_get _timespec64_get",
    }),
    "timelocale": (5627, {
        "shared": "_Getdays _Getmonths _Gettnames _Strftime",
        "ucrtbase": "_W_Getdays _W_Getmonths _W_Gettnames _Wcsftime",
    }),
    "timetext": (8256, {
        "shared": (
            "asctime asctime_s _wasctime _wasctime_s _ctime32 _ctime32_s _wctime32 _wctime32_s _ctime64 _ctime64_s "
            "_wctime64 _wctime64_s strftime _strftime_l wcsftime _wcsftime_l _strdate _strdate_s _wstrdate "
            "_wstrdate_s _strtime _strtime_s _wstrtime _wstrtime_s "
        ),
        "msvcrt": "_ctime64 _wctime64 ctime _wctime",
    }),
    "utime": (2972, {
        "shared": "_futime32 _utime32 _wutime32 _futime64 _utime64 _wutime64",
        "msvcrt": "_futime _utime _wutime",
    }),
    "vcruntime": (3211, {
        "ucrtbase": (
            "__std_exception_copy __std_exception_destroy __std_type_info_name __std_type_info_destroy_list "
            "__std_type_info_hash "
        ),
    }),
    "writing": (5227, {
        "shared": (
            "fwrite^fwrite _fwrite_nolock^fwrite fputc^fputc putc^fputc _fputc_nolock^fputc putchar _fputchar "
            "fputs^fputs fputwc putwc _fputwc_nolock putwchar _fputwchar fputws _putws _putw fflush _fflush_nolock "
            "_flushall "
        ),
        "msvcrt": "_flsbuf puts^puts",
        "ucrtbase": "puts^puts_of_ucrt",
    }),
}  # fmt: skip
