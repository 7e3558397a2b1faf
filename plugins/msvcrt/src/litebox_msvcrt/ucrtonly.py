"""What rooms export into ``shared`` and MSVCRT of Windows does not have: functions of later run-times."""

_NAMES = """
    __CxxFrameHandler4 _Exit _aligned_msize _aligned_offset_recalloc _aligned_recalloc _atoflt _calloc_base
    _configthreadlocale _dupenv_s _fclose_nolock _fflush_nolock _fgetc_nolock _fgetwc_nolock _findfirst32i64
    _findnext32i64 _fputc_nolock _fputwc_nolock _getch_nolock _getche_nolock _getwch_nolock _getwche_nolock
    _mbbtype_l _putch_nolock _putwch_nolock _ungetch_nolock _ungetwch_nolock _fread_nolock _free_base
    _fseek_nolock _fseeki64_nolock _fstat32 _fstat32i64 _fstat64i32 _ftell_nolock _ftelli64_nolock _fwrite_nolock
    _get_invalid_parameter_handler _get_printf_count_output _get_purecall_handler _getc_nolock _ispunct_l
    _malloc_base _realloc_base _recalloc _set_abort_behavior _set_invalid_parameter_handler
    _set_printf_count_output _set_purecall_handler _stat32 _stat32i64 _stat64i32 _strftime_l _umask_s
    _ungetc_nolock _ungetwc_nolock _wdupenv_s _wfindfirst32i64 _wfindnext32 _wfindnext32i64 _wstat32 _wstat32i64
    _wstat64i32 fread_s gets_s
"""

UCRT_ONLY = frozenset(_NAMES.split())
