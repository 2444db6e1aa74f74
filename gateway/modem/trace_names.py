"""The names of answers and notices that a trace shows as they are: a closed list, for a line of a text may
look like any notice (`+12025550199: call Anna`)."""

from __future__ import annotations

_OF_27_005 = (
    "CBM CDS CDSI CMGD CMGF CMGL CMGR CMGS CMGW CMMS CMSS CMT CMTI CNMA CNMI CPMS CSCA CSDH CSMP CSMS"
)
_OF_27_007 = (
    "C5GREG CCLK CCWA CEER CEREG CFUN CGATT CGMI CGMM CGMR CGREG CGSN CIEV CIMI CIND CLCC CLCK CLIP "
    "CMEE CMER CNUM COLP COPS CPAS CPBR CPIN CPINR CPWD CRC CREG CRING CRSM CSCS CSQ CTZE CTZU CTZV CUSD"
)
_OF_MAKERS = (
    "CCID CICCID ICCID QCCID CPINPUK CSMINS CUSATP GMI GMM GMR GSN QIND QINISTAT QNWINFO QPINC QPOWD "
    "QSIMSTAT QUSIM SPIC UMWI UPINCNT UUSIMSTAT WIND ZGETICCID ZPAS ZPINPUK ZUSIMR"
)
_CARETS = (
    "^BOOT ^CARDMODE ^CEND ^CONF ^CONN ^CPIN ^DSCI ^DSFLOWRPT ^HCSQ ^ICCID ^MODE ^NWTIME ^ORIG ^RSSI ^SCID "
    "^SCKS ^SCPBR ^SETPORT ^SIMST ^SMMEMFULL ^SPIC ^SRVST ^STIN ^SYSINFO ^SYSINFOEX ^SYSSTART ^THERM ^U2DIAG"
)
_OTHERS = "*EPIN *EPINR *PSUTTZ #CCID #PCT #QSS %PINNUM $QCPINSTAT"

KNOWN = frozenset(
    [f"+{name}" for name in f"{_OF_27_005} {_OF_27_007} {_OF_MAKERS}".split()]
    + f"{_CARETS} {_OTHERS}".split()
    + ["+CME ERROR", "+CMS ERROR"]
)
"""In capitals, without the colon."""

ABOUT_PEOPLE = frozenset({"+CCWA", "+CLCC", "+CLIP", "+CMGL", "+CMGR", "+CMT", "+CNUM", "+COLP", "+CPBR"})
"""Those that tell somebody's number or name, which may stand there without quotes. `+CMGL`, `+CMGR` and
`+CMT` do in text mode."""
