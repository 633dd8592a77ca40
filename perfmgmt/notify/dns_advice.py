"""Whether receivers will believe a domain's mail: SPF, DKIM and DMARC as the operator pasted them; nothing is asked.

Each check answers with findings: what it is about, pass, warn or fail, why, and what to do.
"""

import re
from ipaddress import ip_network

from django.utils.translation import gettext as _t

from perfmgmt.notify.dns_signing import FAIL, PASS, WARN, Finding, of_dkim, of_dmarc

LONGEST = 8000
#: Mechanisms and modifiers of SPF that make the receiver ask DNS again; ten are allowed in all (RFC 7208, 4.6.4).
ASKING = ("include", "a", "mx", "ptr", "exists", "redirect")
MOST_LOOKUPS = 10
#: What senders' servers are called, and what a record includes for them.
PROVIDERS = {
    "gmail.com": "_spf.google.com",
    "googlemail.com": "_spf.google.com",
    "office365.com": "spf.protection.outlook.com",
    "outlook.com": "spf.protection.outlook.com",
    "exmail.qq.com": "spf.mail.qq.com",
    "dm.aliyun.com": "spf1.dm.aliyun.com",
    "smtpdm.aliyun.com": "spf1.dm.aliyun.com",
    "qiye.aliyun.com": "spf.qiye.aliyun.com",
    "ym.163.com": "spf.163.com",
    "qiye.163.com": "spf.163.com",
    "sendgrid.net": "sendgrid.net",
    "mailgun.org": "mailgun.org",
    "amazonaws.com": "amazonses.com",
    "postmarkapp.com": "spf.mtasv.net",
    "sendcloud.net": "spf.sendcloud.org",
    "feishu.cn": "spf.onlarksuite.com",
}
FREE = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "yahoo.com",
        "icloud.com",
        "qq.com",
        "foxmail.com",
        "163.com",
        "126.com",
        "sina.com",
        "sohu.com",
        "aliyun.com",
    ]
)
_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_TERM = re.compile(r"([+?~-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?:([:/])(\S+))?", re.I)
_MODIFIER = re.compile(r"[a-z][a-z0-9_.-]*=\S*", re.I)


def advise(*, domain: str, host: str, spf: str, dkim: str, dmarc: str) -> list[Finding]:
    """Return what stands for and against mail of a From domain that goes out by a server (`host`), worst last to fix.

    The records are texts as DNS tools show them; several records stand on lines of their own.
    """
    domain = domain.strip().lower().rstrip(".")
    return [
        *_of_domain(domain),
        *_of_spf(_lines(spf), domain, host.strip().lower().rstrip(".")),
        *of_dkim(_lines(dkim)),
        *of_dmarc(_lines(dmarc), domain),
    ]


def _lines(text: str) -> list[str]:
    """The records of a text: quoted pieces of one line are one value, as in DNS."""
    found = []
    for line in text[:LONGEST].splitlines():
        quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', line)
        value = "".join(quoted) if quoted else line
        if value.strip():
            found.append(value.replace("\\;", ";").strip())
    return found


def _of_domain(domain: str) -> list[Finding]:
    if not _DOMAIN.fullmatch(domain):
        return [
            Finding(
                "From",
                FAIL,
                _t("“{domain}” is no domain that can send mail.").format(domain=domain[:80]),
                _t("Set DEFAULT_FROM_EMAIL to an address of your own domain."),
            )
        ]
    if domain in FREE:
        return [
            Finding(
                "From",
                FAIL,
                _t("{domain} belongs to a mail provider: its records can't allow your server.").format(domain=domain),
                _t("Send from a domain of your own."),
            )
        ]
    return [Finding("From", PASS, _t("Mail comes from {domain}.").format(domain=domain))]


def _of_spf(records: list[str], domain: str, host: str) -> list[Finding]:
    found = [one for one in records if re.match(r"v=spf1(\s|$)", one, re.I)]
    start = f"v=spf1 {_wanted(host) or 'mx'} -all"
    if not found:
        return [
            Finding(
                "SPF",
                FAIL,
                _t("There is no record that begins with v=spf1."),
                _t("Add a TXT record to {domain}: {record}").format(domain=domain, record=start),
            )
        ]
    if len(found) > 1:
        return [
            Finding(
                "SPF",
                FAIL,
                _t("There are {n} SPF records; receivers then take none.").format(n=len(found)),
                _t("Put everything into one record."),
            )
        ]
    terms = found[0].split()[1:]
    return [*_spf_syntax(terms), *_spf_end(terms), *_spf_lookups(terms), *_spf_host(terms, domain, host)]


def _spf_syntax(terms: list[str]) -> list[Finding]:
    wrong = [term for term in terms if not _is_term(term)]
    if wrong:
        return [
            Finding(
                "SPF",
                FAIL,
                _t("“{term}” is not understood.").format(term=wrong[0][:80]),
                _t("Correct or remove it: one mistake makes the whole record void."),
            )
        ]
    names = [_name(term) for term in terms]
    if "ptr" in names:
        return [
            Finding(
                "SPF",
                WARN,
                _t("“ptr” is slow, and receivers may ignore it."),
                _t("Name the servers with ip4, a or include."),
            )
        ]
    return [Finding("SPF", PASS, _t("The record is written correctly."))]


def _is_term(term: str) -> bool:
    match = _TERM.fullmatch(term)
    if match is None:
        return bool(_MODIFIER.fullmatch(term))
    name, separator, value = match[2].lower(), match[3], match[4] or ""
    if name in ("ip4", "ip6"):
        try:
            return separator == ":" and ip_network(value, strict=False).version == int(name[2])
        except ValueError:
            return False
    if name in ("include", "exists"):
        return separator == ":"
    return name != "all" or separator is None


def _name(term: str) -> str:
    return re.split(r"[:=/]", term.lstrip("+?~-").lower(), maxsplit=1)[0]


def _spf_end(terms: list[str]) -> list[Finding]:
    ends = [term.lower() for term in terms if _name(term) == "all"]
    if not ends:
        if any(term.lower().startswith("redirect=") for term in terms):
            return []
        return [
            Finding(
                "SPF",
                WARN,
                _t("It does not say what to think of all other servers."),
                _t("End it with -all, or with ~all while you try it."),
            )
        ]
    if ends[0] in ("all", "+all"):
        return [
            Finding(
                "SPF",
                FAIL,
                _t("“+all” allows every server in the world to send in your name."),
                _t("End it with -all."),
            )
        ]
    if ends[0] == "?all":
        return [Finding("SPF", WARN, _t("“?all” says nothing about other servers."), _t("End it with -all."))]
    if _name(terms[-1]) != "all" and not all("=" in term for term in terms[terms.index(_find(terms, "all")) + 1 :]):
        return [Finding("SPF", WARN, _t("What stands behind “all” is never read."), _t("Move “all” to the end."))]
    return [Finding("SPF", PASS, _t("Other servers are refused or suspected ({end}).").format(end=ends[0]))]


def _find(terms: list[str], name: str) -> str:
    return next(term for term in terms if _name(term) == name)


def _spf_lookups(terms: list[str]) -> list[Finding]:
    count = sum(1 for term in terms if _name(term) in ASKING)
    if count > MOST_LOOKUPS:
        text = _t("It needs {n} look-ups; with more than {most} receivers give up.")
        return [
            Finding(
                "SPF",
                FAIL,
                text.format(n=count, most=MOST_LOOKUPS),
                _t("Remove includes of services that you no longer use, or name their addresses with ip4."),
            )
        ]
    text = _t("It needs {n} look-ups of {most}, and those of what it includes on top.")
    level, fix = (WARN, _t("Count what the includes need as well.")) if count > MOST_LOOKUPS - 3 else (PASS, "")
    return [Finding("SPF", level, text.format(n=count, most=MOST_LOOKUPS), fix)]


def _wanted(host: str) -> str:
    """What a record says for a server: an include for a known provider, else its name or address."""
    if not host:
        return ""
    for name, include in PROVIDERS.items():
        if host == name or host.endswith(f".{name}"):
            return f"include:{include}"
    try:
        return f"ip{ip_network(host).version}:{host}"
    except ValueError:
        return f"a:{host}"


def _spf_host(terms: list[str], domain: str, host: str) -> list[Finding]:
    """Whether something in the record stands for the server that sends."""
    if not host:
        return []
    wanted = _wanted(host)
    base = ".".join(host.split(".")[-2:])
    values = [re.split(r"[:=]", term.lower(), maxsplit=1)[-1] for term in terms if ":" in term or "=" in term]
    own = (host == domain or host.endswith(f".{domain}")) and any(_name(term) in ("a", "mx") for term in terms)
    if own or wanted in (term.lower().lstrip("+") for term in terms) or _in_network(host, terms):
        return [Finding("SPF", PASS, _t("It allows your mail server, {host}.").format(host=host))]
    if not wanted.startswith("ip") and any(value == base or value.endswith(f".{base}") for value in values):
        return [Finding("SPF", PASS, _t("It names the provider of your mail server, {host}.").format(host=host))]
    return [
        Finding(
            "SPF",
            FAIL if wanted.startswith("include") else WARN,
            _t("Nothing in it names your mail server, {host}.").format(host=host),
            _t("Add {term} before “all”.").format(term=wanted),
        )
    ]


def _in_network(host: str, terms: list[str]) -> bool:
    try:
        address = ip_network(host)
        networks = [
            ip_network(term.split(":", 1)[1], strict=False) for term in terms if _name(term) in ("ip4", "ip6")
        ]
    except (ValueError, IndexError):
        return False
    return any(one.version == address.version and address.subnet_of(one) for one in networks)  # type: ignore[arg-type]
