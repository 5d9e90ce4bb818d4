// The patterns that grok knows from the start, under their usual names. None needs look-around: where others guard a
// number against its neighbours, these take the longest match from the left.
#include "parse/grok.hpp"

namespace towld {

const GrokPatterns& grok_library() {
  static const GrokPatterns kLibrary = {
      // Words and numbers
      {"WORD", R"(\b\w+\b)"},
      {"NOTSPACE", R"(\S+)"},
      {"SPACE", R"(\s*)"},
      {"DATA", R"(.*?)"},
      {"GREEDYDATA", R"(.*)"},
      {"GREEDYMULTILINE", R"((?s:.*))"},
      {"USERNAME", R"([a-zA-Z0-9._-]+)"},
      {"USER", R"(%{USERNAME})"},
      {"INT", R"([+-]?[0-9]+)"},
      {"BASE10NUM", R"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))"},
      {"NUMBER", R"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"},
      {"BASE16NUM", R"([+-]?(?:0[xX])?[0-9a-fA-F]+)"},
      {"BASE16FLOAT", R"([+-]?(?:0[xX])?(?:[0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?|\.[0-9a-fA-F]+))"},
      {"POSINT", R"([1-9][0-9]*)"},
      {"NONNEGINT", R"([0-9]+)"},
      {"BOOLEAN", R"((?i:true|false|yes|no|on|off))"},
      {"QUOTEDSTRING", R"("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)"},
      {"QS", R"(%{QUOTEDSTRING})"},
      {"UUID", R"([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})"},
      {"URN", R"(urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:(?:%[0-9a-fA-F]{2}|[0-9A-Za-z()+,.:=@;$_!*'/?#-])+)"},
      {"EMAILLOCALPART", R"([a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+){0,63})"},
      {"EMAILADDRESS", R"(%{EMAILLOCALPART}@%{HOSTNAME})"},

      // Networks
      {"MAC", R"(%{COMMONMAC}|%{WINDOWSMAC}|%{CISCOMAC})"},
      {"COMMONMAC", R"((?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2})"},
      {"WINDOWSMAC", R"((?:[0-9a-fA-F]{2}-){5}[0-9a-fA-F]{2})"},
      {"CISCOMAC", R"((?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4})"},
      {"IPV4",
       R"((?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]))"},
      // Any run of hexadecimal groups and colons with at least two of these: programs that log write valid addresses.
      {"IPV6", R"([0-9a-fA-F]{0,4}:(?:[0-9a-fA-F]{0,4}:){1,6}(?:%{IPV4}|[0-9a-fA-F]{0,4})(?:%[0-9a-zA-Z]+)?)"},
      {"IP", R"(%{IPV6}|%{IPV4})"},
      {"HOSTNAME", R"([a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,62})(?:\.[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,62}))*\.?)"},
      {"HOST", R"(%{HOSTNAME})"},
      {"IPORHOST", R"(%{IP}|%{HOSTNAME})"},
      {"HOSTPORT", R"(%{IPORHOST}:%{POSINT})"},

      // Paths and addresses
      {"UNIXPATH", R"((?:/[\p{L}\p{M}\p{N}_%!$@:.,+~-]*)+)"},
      {"WINPATH", R"((?:[A-Za-z]:|\\)(?:\\[^\\?*"<>|:\r\n]*)+)"},
      {"PATH", R"(%{UNIXPATH}|%{WINPATH})"},
      {"TTY", R"(/dev/(?:pts|tty(?:[pq])?)(?:\w+)?/?(?:[0-9]+))"},
      {"URIPROTO", R"([A-Za-z][A-Za-z0-9+.-]*)"},
      {"URIHOST", R"((?:\[%{IPV6}\]|%{IPORHOST})(?::%{POSINT})?)"},
      {"URIPATH", R"((?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+)"},
      {"URIQUERY", R"([A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?<>\[\]-]*)"},
      {"URIPARAM", R"(\?%{URIQUERY})"},
      {"URIPATHPARAM", R"(%{URIPATH}(?:%{URIPARAM})?)"},
      {"URI", R"(%{URIPROTO}://(?:%{USER}(?::[^@\s]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?)"},

      // Dates and times
      // In English and German.
      {"MONTH",
       R"(\b(?:[Jj]an(?:uary?)?|[Ff]eb(?:ruary?)?|[Mm](?:ar(?:ch)?|ärz?|rz)|[Aa]pr(?:il)?|[Mm]a[yi]|[Jj]un[ei]?|[Jj]ul[yi]?|[Aa]ug(?:ust)?|[Ss]ep(?:t(?:ember)?)?|[Oo][ck]t(?:ober)?|[Nn]ov(?:ember)?|[Dd]e[cz](?:ember)?)\b)"},
      {"MONTHNUM", R"(1[0-2]|0?[1-9])"},
      {"MONTHNUM2", R"(1[0-2]|0[1-9])"},
      {"MONTHDAY", R"(3[01]|[12][0-9]|0?[1-9])"},
      {"DAY", R"(\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\b)"},
      {"YEAR", R"([0-9]{4}|[0-9]{2})"},
      {"HOUR", R"(2[0-3]|[01]?[0-9])"},
      {"MINUTE", R"([0-5][0-9])"},
      {"SECOND", R"((?:60|[0-5]?[0-9])(?:[:.,][0-9]+)?)"},
      {"TIME", R"((?:%{HOUR}):(?:%{MINUTE})(?::(?:%{SECOND}))?)"},
      {"DATE_US", R"((?:%{MONTHNUM})[/-](?:%{MONTHDAY})[/-](?:%{YEAR}))"},
      {"DATE_EU", R"((?:%{MONTHDAY})[./-](?:%{MONTHNUM})[./-](?:%{YEAR}))"},
      {"DATE", R"(%{DATE_US}|%{DATE_EU})"},
      {"DATESTAMP", R"((?:%{DATE})[- ](?:%{TIME}))"},
      {"TZ", R"(\b[A-Z]{3,4}\b)"},
      {"ISO8601_TIMEZONE", R"(Z|[+-](?:%{HOUR}):?(?:%{MINUTE}))"},
      {"ISO8601_SECOND", R"(%{SECOND})"},
      {"TIMESTAMP_ISO8601",
       R"([0-9]{4}-(?:%{MONTHNUM})-(?:%{MONTHDAY})[T ](?:%{HOUR}):?(?:%{MINUTE})(?::?(?:%{SECOND}))?(?:%{ISO8601_TIMEZONE})?)"},
      {"DATESTAMP_RFC822", R"((?:%{DAY}) (?:%{MONTH}) (?:%{MONTHDAY}) (?:%{YEAR}) (?:%{TIME}) (?:%{TZ}))"},
      {"DATESTAMP_RFC2822",
       R"((?:%{DAY}), (?:%{MONTHDAY}) (?:%{MONTH}) (?:%{YEAR}) (?:%{TIME}) (?:%{ISO8601_TIMEZONE}))"},
      {"DATESTAMP_OTHER", R"(%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR})"},
      {"DATESTAMP_EVENTLOG", R"(%{YEAR}%{MONTHNUM2}%{MONTHDAY}%{HOUR}%{MINUTE}%{SECOND})"},
      {"SYSLOGTIMESTAMP", R"((?:%{MONTH}) +(?:%{MONTHDAY}) (?:%{TIME}))"},
      {"HTTPDATE", R"((?:%{MONTHDAY})/(?:%{MONTH})/[0-9]{4}:(?:%{TIME}) [+-][0-9]{4})"},

      // Syslog
      {"PROG", R"([\x21-\x5a\x5c\x5e-\x7e]+)"},
      {"SYSLOGPROG", R"(%{PROG:program}(?:\[%{POSINT:pid}\])?)"},
      {"SYSLOGHOST", R"(%{IPORHOST})"},
      {"SYSLOGFACILITY", R"(<%{NONNEGINT:facility}\.%{NONNEGINT:priority}>)"},
      {"SYSLOGBASE", R"(%{SYSLOGTIMESTAMP:timestamp} (?:%{SYSLOGFACILITY} )?%{SYSLOGHOST:logsource} %{SYSLOGPROG}:)"},
      {"SYSLOGBASE2",
       R"((?:%{SYSLOGTIMESTAMP:timestamp}|%{TIMESTAMP_ISO8601:timestamp8601})(?: %{SYSLOGFACILITY})?(?: %{SYSLOGHOST:logsource})?(?: %{SYSLOGPROG}:)?)"},
      {"SYSLOGLINE", R"(%{SYSLOGBASE2} %{GREEDYDATA:message})"},
      {"LOGLEVEL",
       R"((?i:alert|trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|fatal|severe|emerg(?:ency)?))"},

      // Access logs
      {"HTTPDUSER", R"(%{EMAILADDRESS}|%{USER})"},
      {"COMMONAPACHELOG",
       R"x(%{IPORHOST:clientip} %{HTTPDUSER:ident} %{HTTPDUSER:auth} \[%{HTTPDATE:timestamp}\] "(?:%{WORD:verb} %{NOTSPACE:request}(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})" (?:%{INT:response:int}|-) (?:%{NONNEGINT:bytes:int}|-))x"},
      {"COMBINEDAPACHELOG", R"(%{COMMONAPACHELOG} "%{DATA:referrer}" "%{DATA:agent}")"},
      {"HTTPD_COMMONLOG", R"(%{COMMONAPACHELOG})"},
      {"HTTPD_COMBINEDLOG", R"(%{COMBINEDAPACHELOG})"},
  };
  return kLibrary;
}

}  // namespace towld
