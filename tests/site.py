#!/usr/bin/env python3
"""site.py FOLDER - a web site that misbehaves, on a port the kernel chooses.

Writes the port to FOLDER/port and each request to FOLDER/hits (method, path,
whether it was conditional). Files of FOLDER/www are served with an ETag; a
file PATH.head beside one adds headers, or with a first line "status N" is an
answer of its own. What no file can do stands below, under /odd/.
"""
import gzip
import hashlib
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

top = sys.argv[1]
lock = threading.Lock()
counts = {}
flying = [0, 0]     # now, most

TYPES = {'.html': 'text/html', '.txt': 'text/plain', '.xml': 'text/xml',
         '.gz': 'application/gzip', '.pdf': 'application/pdf',
         '.png': 'image/png', '.md': 'text/markdown'}


def page(title, text, links=()):
    return ('<html><head><title>%s</title></head><body><main><h1>%s</h1>'
            '<p>%s</p>%s</main></body></html>' % (
                title, title, text, ''.join(
                    '<a href="%s">x</a> ' % l for l in links))).encode()


def maze(name, query):
    """A page of a site that has no end: a calendar, sessions, sums of filters,
    a path that grows, loops; and somewhere in it ten pages that are real."""
    at = int(hashlib.md5((name + '?' + query).encode()).hexdigest()[:6], 16)
    y, m = 1900 + at % 200, at % 12 + 1
    links = ['/odd/maze/cal/%d/%d/%d' % (y, m, d) for d in range(1, 29)]
    links += ['/odd/maze/list?sort=%d&page=%d' % (at % 97, k)
              for k in range(20)]
    links += ['/odd/maze/list?%s&f%d=1' % (query, k) for k in range(5)]
    links += ['/odd/maze/s/%08x/home' % (at * 7 + k) for k in range(5)]
    links += ['/odd/%s/more' % name, '/odd/loop', '/odd/self',
              '/odd/%s?%s' % (name, query + 'x'), '?' + query + '&again']
    if name == 'maze':
        links[:0] = ['/odd/maze/real/%d' % k for k in range(10)]
    return page('Place %s' % name, 'At %s there is %s.' % (
        name, 'real%s' % name[10:] if '/real/' in name else 'nothing %d' % at),
        links)

SAID = {
    'cp1251': ('Ёж', 'Ежи спят зимой под листьями. Вход свободный до шести.'),
    'koi8-r': ('Рысь', 'Рысь видна только вечером. Билеты продаёт касса.'),
    'shift_jis': ('ハリネズミ', 'ハリネズミは冬に寝ます。受付は六時までです。'),
    'gbk': ('刺猬', '刺猬冬天睡觉，接待处六点关门。请提前预约。'),
    'euc-kr': ('고슴도치', '고슴도치는 겨울에 잡니다. 접수는 여섯 시까지입니다.'),
    'iso8859-9': ('Kirpi', 'Kirpiler kışın uyur. Gişemiz öğleden sonra açılır, '
                  'çocuklar için ücretsizdir. Bağışlarınıza teşekkürler.'),
    'cp1252': ('Hérisson', 'Le hérisson dort l’hiver, l’entrée est gratuite.'),
}


class Site(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def send(self, status, body=b'', headers=()):
        self.send_response(status)
        names = [h[0].lower() for h in headers]
        if 'content-length' not in names and 'transfer-encoding' not in names:
            self.send_header('Content-Length', str(len(body)))
        if 'content-type' not in names and status == 200:
            self.send_header('Content-Type', 'text/html')
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def odd(self, name, query):
        n = counts[self.path]
        if name == 'busy':          # twice not, then well
            if n <= 2:
                return self.send(429, b'', [('Retry-After', '1')])
            return self.send(200, page('Busy', 'Patience pays: quokka.'))
        if name == 'away':
            return self.send(503, b'', [('Retry-After', '86400')])
        if name == 'broken':
            return self.send(500, b'no')
        if name == 'loop':
            return self.send(301, b'', [('Location', '/odd/pool')])
        if name == 'pool':
            return self.send(301, b'', [('Location', '/odd/loop')])
        if name == 'self':
            return self.send(302, b'', [('Location', '/odd/self')])
        if name == 'inside':
            return self.send(301, b'', [
                ('Location', 'http://169.254.169.254/latest/meta-data/')])
        if name == 'slow':
            time.sleep(3)
            return self.send(200, page('Slow', 'At last.'))
        if name == 'trickle':       # headers at once, then a byte a second
            self.send_response(200)
            self.send_header('Content-Type', 'text/html')
            self.send_header('Content-Length', '100000')
            self.end_headers()
            for _ in range(60):
                self.wfile.write(b'x')
                self.wfile.flush()
                time.sleep(1)
            return None
        if name == 'drip':
            self.send_response(200)
            self.send_header('Content-Type', 'text/html')
            self.send_header('Content-Length', '1000')
            self.end_headers()
            for _ in range(60):
                self.wfile.write(b'x')
                self.wfile.flush()
                time.sleep(0.1)
            return None
        if name == 'huge':          # 100 MB, its length not told
            self.send_response(200)
            self.send_header('Content-Type', 'text/html')
            self.send_header('Connection', 'close')
            self.end_headers()
            for _ in range(1600):
                self.wfile.write(b'y' * 65536)
            return None
        if name == 'bomb':          # a gigabyte in a megabyte
            return self.send(200, BOMB, [('Content-Encoding', 'gzip')])
        if name == 'packed':
            return self.send(200, gzip.compress(page('Packed', 'Gzip okapi.')),
                             [('Content-Encoding', 'gzip')])
        if name == 'halfpacked':    # of which the second half never comes
            text = gzip.compress(page('Half', ' '.join(
                '%x' % (i * 2654435761 % 4093) for i in range(4000))))
            return self.send(200, text[:len(text) // 2] if os.path.exists(
                top + '/half') else text, [('Content-Encoding', 'gzip')])
        if name == 'twice':         # in two parts, and zeros behind
            return self.send(200, gzip.compress(page('Two', 'First part.')) +
                             gzip.compress(b'<p>Second part.</p>') + bytes(9),
                             [('Content-Encoding', 'gzip')])
        if name == 'latin':
            return self.send(200, '<html><body><main><h1>Preise</h1><p>Größe '
                             'und Maß zählen.</p></main>'.encode('latin-1'),
                             [('Content-Type', 'text/html; charset=utf-8')])
        if name == 'cyrillic':
            return self.send(200, '<html><body><main><h1>Доставка</h1><p>Два '
                             'рабочих дня.</p></main>'.encode('cp1251'),
                             [('Content-Type',
                               'text/html; charset=windows-1251')])
        if name == 'japanese':
            return self.send(200, ('<html><head><meta charset="shift_jis">'
                             '</head><body><main><h1>配送</h1><p>二日かかります。'
                             '</p></main>').encode('shift_jis'),
                             [('Content-Type', 'text/html')])
        if name.startswith('said/'):    # in a charset; by header; by itself
            _, is_in, told, declared = name.split('/')
            kind = 'text/html'
            if told != '-':
                kind += '; charset=' + told
            text = '<meta charset=%s>' % declared if declared != '-' else ''
            text += '<title>%s</title><p>%s' % SAID[is_in] + ' ' + told
            return self.send(200, text.encode(is_in), [('Content-Type', kind)])
        if name == 'trap':          # every page has ten new ones
            q = int(query or 0)
            return self.send(200, page('Day %d' % q, 'Nothing on day %d.' % q, [
                '/odd/trap?%d' % (q * 10 + k) for k in range(1, 11)]))
        if name.startswith('day'):  # a calendar: there is always a next page
            q = int(name[3:])
            return self.send(200, page('Date %d' % q, 'Closed on %d.' % q,
                                       ['/odd/day%d' % (q + 1)]))
        if name.startswith('deep'):  # a path that grows
            return self.send(200, page('Deep', 'At %s.' % self.path,
                                       [self.path + '/deep']))
        if name == 'maze' or name.startswith('maze/'):
            return self.send(200, maze(name, query))
        if name == 'visit':         # the same page for each visitor
            return self.send(200, page('Visit', 'Welcome numbat.', [
                '/odd/visit?PHPSESSID=%032x' % n,
                '/odd/visit?session=%032x' % n, '/odd/visit?utm_source=a']))
        return self.send(404, b'not here')

    def answer(self):
        path, _, query = self.path.partition('?')
        if path.startswith('/odd/'):
            return self.odd(path[5:], query)
        name = os.path.normpath(top + '/www' + unquote(path))
        if os.path.isdir(name):
            if not path.endswith('/'):
                return self.send(301, b'', [('Location', path + '/')])
            name += '/index.html'
        headers, status = [], 200
        if os.path.exists(name + '.head'):
            with open(name + '.head', encoding='utf-8') as f:
                for line in f.read().splitlines():
                    if line.startswith('status '):
                        status = int(line[7:])
                    else:
                        headers.append(tuple(line.split(': ', 1)))
        if status != 200:
            return self.send(status, b'', headers)
        if not os.path.isfile(name):
            return self.send(404, b'not here')
        with open(name, 'rb') as f:
            body = f.read()
        tag = '"%x"' % (hash(body) & 0xffffffff)
        if self.headers.get('If-None-Match') == tag:
            return self.send(304)
        kind = TYPES.get(os.path.splitext(name)[1])
        if kind and 'Content-Type' not in [h[0] for h in headers]:
            headers.append(('Content-Type', kind))
        return self.send(200, body, headers + [
            ('ETag', tag), ('Last-Modified', 'Sun, 01 Nov 2026 10:00:00 GMT')])

    def do_GET(self):
        with lock:
            counts[self.path] = counts.get(self.path, 0) + 1
            flying[0] += 1
            flying[1] = max(flying)
            with open(top + '/hits', 'a', encoding='utf-8') as f:
                f.write('%s %s %s %d\n' % (
                    self.path,
                    'if' if self.headers.get('If-None-Match') else '-',
                    self.headers.get('User-Agent', '-').replace(' ', '_'),
                    flying[1]))
        try:
            self.answer()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with lock:
                flying[0] -= 1


zeros = gzip.compress(b'\0' * (1 << 24), 9)
BOMB = zeros * 64       # parts one after another: a gigabyte unpacked
ThreadingHTTPServer.daemon_threads = True
server = ThreadingHTTPServer(('127.0.0.1', 0), Site)
with open(top + '/port.new', 'w', encoding='utf-8') as out:
    out.write(str(server.server_address[1]))
os.rename(top + '/port.new', top + '/port')
server.serve_forever()
