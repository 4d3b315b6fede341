<?php

/**
 * Signs the logged-in player for the support messenger. Runs on your server (PHP 8.1 or later). No dependencies.
 *
 * Keep secret:     $secret. It stays in your server's secret store: not in the page, the repository, a URL or a log.
 * Where from:      "widget-service workspace create" prints secret, kid and workspace_id;
 *                  $serviceUrl is the address the messenger is loaded from, such as https://support.example.
 * How to serve it: one new token per request, only for the player of the current login session, from an endpoint
 *                  that answers "Cache-Control: no-store". A token is spent once, so never cache or share one.
 * ES256:           pass algorithm: 'ES256' and the P-256 private key as PEM text in $secret (needs ext-openssl).
 */

declare(strict_types=1);

/**
 * @param array<string, mixed> $player ['player_id' => …, 'name' => …]; members that are null are left out
 * @param int                  $lifetime whole seconds, like $now
 */
function sign_player(
    array $player,
    #[\SensitiveParameter] string $secret,
    string $kid,
    string $workspaceId,
    string $serviceUrl,
    int $lifetime = 120,
    ?int $now = null,
    ?string $jti = null,
    string $algorithm = 'HS256',
): string {
    $playerId = $player['player_id'] ?? null;
    if (!is_int($playerId) && (!is_string($playerId) || $playerId === '')) {
        throw new InvalidArgumentException("player_id must be the logged-in player's id: a string or a whole number");
    }
    // A file usually ends with a line end that is no part of the secret. Otherwise the text is used as it is:
    // it may look like hex or base64, but it is never decoded.
    $secret = preg_replace('/\r?\n\z/', '', $secret);
    if (strlen($secret) < 32) {
        throw new InvalidArgumentException('the secret is empty or cut off: it has at least 32 bytes');
    }
    unset($player['player_id']);
    foreach (array_intersect_key($player, ['custom' => 1, 'rg' => 1]) as $name => $members) {
        $player[$name] = $members === null ? null : (object) $members; // an empty PHP array would become a JSON list
    }
    if (isset($player['segments'])) {
        $player['segments'] = array_values($player['segments']); // a gap in the numbering would make it a JSON object
    }
    $issuedAt = $now ?? time();
    $payload = array_merge(array_filter($player, static fn ($value) => $value !== null), [
        'iss' => $workspaceId,
        'aud' => rtrim($serviceUrl, '/'),
        'sub' => (string) $playerId,
        'iat' => $issuedAt,
        'exp' => $issuedAt + $lifetime,
        'jti' => $jti ?? bin2hex(random_bytes(16)),
    ]);
    $header = ['alg' => $algorithm, 'typ' => 'JWT', 'kid' => $kid];
    $signed = sign_player_base64url(json_encode($header, JSON_THROW_ON_ERROR))
        . '.' . sign_player_base64url(json_encode($payload, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION));
    $signature = match ($algorithm) {
        'HS256' => hash_hmac('sha256', $signed, $secret, true),
        'ES256' => sign_player_es256($signed, $secret),
    };
    return $signed . '.' . sign_player_base64url($signature);
}

function sign_player_base64url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}

/** OpenSSL wraps the signature's two numbers in DER; a JWT has them side by side, 32 bytes each (RFC 7518 §3.4). */
function sign_player_es256(string $signed, #[\SensitiveParameter] string $pem): string
{
    if (!openssl_sign($signed, $der, $pem, OPENSSL_ALGO_SHA256)) {
        throw new InvalidArgumentException('the private key cannot be used for ES256: it must be a P-256 key in PEM');
    }
    $rLength = ord($der[3]);
    $numbers = [substr($der, 4, $rLength), substr($der, 6 + $rLength)];
    return implode('', array_map(static fn ($n) => str_pad(ltrim($n, "\0"), 32, "\0", STR_PAD_LEFT), $numbers));
}
