"""How many decimals a currency has: ISO 4217 minor units, and what platforms use for crypto."""

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

USUAL_PLACES = 2
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_EIGHT = "ADA BCH BNB BTC DASH DOGE DOT ETH LTC SOL TRX XRP ZEC"
_SIX = "USDC USDT"
_PLACES = {
    code: places for codes, places in ((_NONE, 0), (_THREE, 3), (_EIGHT, 8), (_SIX, 6)) for code in codes.split()
}
#: ISO 4217: the numbers by which cards and sportsbooks name the same currencies. Funds, metals and XXX are no money.
_NUMBERS = """
AED784 AFN971 ALL008 AMD051 ANG532 AOA973 ARS032 AUD036 AWG533 AZN944 BAM977 BBD052 BDT050 BGN975 BHD048 BIF108 BMD060
BND096 BOB068 BRL986 BSD044 BTN064 BWP072 BYN933 BZD084 CAD124 CDF976 CHF756 CLP152 CNY156 COP170 CRC188 CUP192 CVE132
CZK203 DJF262 DKK208 DOP214 DZD012 EGP818 ERN232 ETB230 EUR978 FJD242 FKP238 GBP826 GEL981 GHS936 GIP292 GMD270 GNF324
GTQ320 GYD328 HKD344 HNL340 HRK191 HTG332 HUF348 IDR360 ILS376 INR356 IQD368 IRR364 ISK352 JMD388 JOD400 JPY392 KES404
KGS417 KHR116 KMF174 KPW408 KRW410 KWD414 KYD136 KZT398 LAK418 LBP422 LKR144 LRD430 LSL426 LYD434 MAD504 MDL498 MGA969
MKD807 MMK104 MNT496 MOP446 MRU929 MUR480 MVR462 MWK454 MXN484 MYR458 MZN943 NAD516 NGN566 NIO558 NOK578 NPR524 NZD554
OMR512 PAB590 PEN604 PGK598 PHP608 PKR586 PLN985 PYG600 QAR634 RON946 RSD941 RUB643 RWF646 SAR682 SBD090 SCR690 SDG938
SEK752 SGD702 SHP654 SLE925 SOS706 SRD968 SSP728 STN930 SVC222 SYP760 SZL748 THB764 TJS972 TMT934 TND788 TOP776 TRY949
TTD780 TWD901 TZS834 UAH980 UGX800 USD840 UYI940 UYU858 UZS860 VED926 VES928 VND704 VUV548 WST882 XAF950 XCD951 XOF952
XPF953 YER886 ZAR710 ZMW967 ZWG924
"""
_BY_NUMBER = {entry[3:]: entry[:3] for entry in _NUMBERS.split()}
_OFFICIAL = frozenset(_BY_NUMBER.values())
#: Amounts have at most 64 digits (strict_json), so nothing is rounded on the way.
_PRECISION = 100


def find_places(currency: str) -> int:
    """The decimals of a currency's major unit: 0 for JPY, 8 for BTC, 2 for what is not known."""
    return _PLACES.get(currency.upper(), USUAL_PLACES)


def find_official_places(currency: str) -> int | None:
    """The decimals by ISO 4217; None for what is no currency of it: how a coin is divided differs by platform."""
    return find_places(currency) if currency.upper() in _OFFICIAL else None


def as_code(text: str) -> str:
    """A currency's code in upper case; an ISO 4217 number as its letters. ValueError for a number that is none."""
    code = text.strip().upper()
    if not code.isdigit():
        return code
    if code.zfill(3) not in _BY_NUMBER:
        raise ValueError(f"{code[:8]} is no currency")
    return _BY_NUMBER[code.zfill(3)]


def with_places(amount: Decimal, currency: str) -> Decimal:
    """The amount with at least as many decimals as its currency has; none that it has are cut."""
    places = find_places(currency)
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent >= places:
        return amount
    with localcontext(Context(prec=_PRECISION)):
        return amount.quantize(Decimal(1).scaleb(-places))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Half-even to the currency's decimals: for averages, never for what somebody owns."""
    with localcontext(Context(prec=_PRECISION)):
        return amount.quantize(Decimal(1).scaleb(-find_places(currency)), ROUND_HALF_EVEN)
