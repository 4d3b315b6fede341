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
#: Amounts have at most 64 digits (strict_json), so nothing is rounded on the way.
_PRECISION = 100


def find_places(currency: str) -> int:
    """The decimals of a currency's major unit: 0 for JPY, 8 for BTC, 2 for what is not known."""
    return _PLACES.get(currency.upper(), USUAL_PLACES)


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
