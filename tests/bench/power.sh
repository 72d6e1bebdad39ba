#!/bin/sh
# power.sh DIR - cut the power of a machine that runs wa-recv, and look
#
# A machine made by qemu, without hardware help, starts an own tiny system in
# two seconds: wa-recv on an ext4 with a journal, post(1) of these benchmarks
# beside it. At a random moment under load qemu gets SIGKILL. CUTS=10 times;
# no root is needed. Exit status 69: not possible here, why is on stderr.
#
# What a SIGKILL of qemu loses, and what not: lost is what the guest held in
# memory, that is its page cache: all that was written but not yet synced. Not
# lost is what the guest's disk was given, flushed or not, since the host's
# page cache outlives qemu, whatever its cache mode. A real disk forgets that
# too. So the disk as the killed qemu leaves it ("killed") is only half of the
# proof. For the other half qemu notes every write and flush (blklogwrites),
# and cut.pl makes the disk anew from the notes: all before the last flush, and
# of the sectors after it a random half ("unflushed lost"). This is done for the
# moment of the kill and for MOMENTS=10 random ones before it, each just before
# a flush, when most is at stake. Which messages were acknowledged by then is
# in the notes too: post writes their ids past the end of the file system. A
# flush is taken to cover what was noted before it; that is too kind by what
# was still under way when the flush came, which nobody was told is safe.
#
# After each cut: the journal is replayed, each inbox passes integrity_check,
# each acknowledged message is in it, whole.
#
# Two controls that must lose messages show that this would be seen: a wa-recv
# whose fsync and fdatasync do nothing (nosync.c; seen by both halves), and an
# ext4 that never flushes its disk (nobarrier; seen by the second half only).
#
# Prints one object for each of ours, nosync, nobarrier, both halves: of, cuts,
# acked, missing (messages), damaged (cuts with an inbox that is not whole),
# unsure (sectors at stake).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
BUILD=${BUILD:-$top/build}
cache=${ROOT_CACHE:-$top/build/cache}
cuts=${CUTS:-10} moments=${MOMENTS:-10}
secret=bench-secret connections=16
fs_bytes=$((128 * 1024 * 1024)) disk_bytes=$((160 * 1024 * 1024))

no () { echo "power: $*" >&2; exit 69; }
PATH=$PATH:/usr/sbin:/sbin
for tool in qemu-system-x86_64 busybox mke2fs e2fsck debugfs sqlite3; do
	command -v $tool >/dev/null ||
		no "no $tool: make deps-power installs it; left out"
done
[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
	no 'the machine is an amd64 with the programs of this one; left out'
! ldd "$BUILD/wa-recv" | grep -qE 'lib(a|ub|t)san' ||
	no 'no machine has memory for a sanitizer; left out'

mkdir -p "$1"
cd "$1"
qemu=''
trap '[ -z "$qemu" ] || kill -9 "$qemu" 2>/dev/null || :' EXIT
trap 'exit 1' INT TERM

# --- what the machine is made of ---
# Debian's kernel for virtual machines: unpacked, never installed here.
guest=$cache/guest
modules='virtio/virtio_ring virtio/virtio virtio/virtio_pci_legacy_dev
	virtio/virtio_pci_modern_dev virtio/virtio_pci block/virtio_blk'
get_kernel () {
	[ ! -s "$guest/vmlinuz" ] || return 0
	package=$(apt-cache depends "$(sh "$top/share/install-packages.sh" guest)" \
		2>/dev/null | awk '/Depends: linux-image/ { print $2; exit }')
	[ -n "$package" ] || no 'apt knows no kernel; left out'
	mkdir fetched
	(cd fetched && apt-get -qq -o APT::Sandbox::User=root download "$package" \
		>/dev/null && dpkg-deb -x ./*.deb .) || no "no $package; left out"
	rm -rf "$guest.new"
	mkdir -p "$guest.new"
	n=0
	for m in $modules; do	# in the order they need one another
		n=$((n + 1))
		cp fetched/lib/modules/*/kernel/drivers/"$m.ko" \
			"$guest.new/$n.ko"
	done
	cp fetched/boot/vmlinuz-* "$guest.new/vmlinuz"
	rm -rf fetched "$guest"
	mv "$guest.new" "$guest"
}
get_kernel
mkdir -p root/bin root/modules root/dev root/proc root/disk seed/store
cc -shared -fPIC -O2 -o root/nosync.so "$here/nosync.c"
cp "$(command -v busybox)" "$BUILD/wa-recv" "$BUILD/tests/bench/post" root/bin/
for lib in $(ldd root/bin/wa-recv root/bin/post |
	sed -nE 's/^[^/]*(\/[^ ]*) \(0x.*/\1/p' | sort -u); do
	mkdir -p "root/${lib%/*}"
	cp -L "$lib" "root/$lib"
done
cp "$guest"/*.ko root/modules/
printf %s $secret >root/secret
: >root/conf
cat >root/init <<!
#!/bin/busybox sh
b=/bin/busybox
\$b mount -t proc proc /proc
\$b mount -t devtmpfs dev /dev
for m in /modules/*.ko; do \$b insmod \$m; done
preload= options=rw
case \$(\$b cat /proc/cmdline) in
*control=nosync*) preload=/nosync.so ;;
*control=nobarrier*) options=rw,nobarrier ;;
esac
\$b mount -t ext4 -o \$options /dev/vda /disk || \$b poweroff -f
\$b ifconfig lo 127.0.0.1 up
export FRONTDESK_CONF=/conf
LD_PRELOAD=\$preload /bin/wa-recv -S /disk/store -l 127.0.0.1:8025 \
	--secret-file /secret --per-source 2000 &
/bin/post 8025 /webhook $secret $connections 60 /dev/vda $fs_bytes
\$b poweroff -f
!
chmod +x root/init
(cd root && find . | busybox cpio -o -H newc >../initrd 2>/dev/null)
truncate -s $disk_bytes base
mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 -d seed base \
	$((fs_bytes / 1024))k

# --- one life of it ---
live () {	# CONTROL LEAST: begin, and end by a kill after LEAST to +2 seconds
	rm -f disk log console
	cp --sparse=always base disk
	: >log
	qemu-system-x86_64 -accel tcg -cpu max -m 256 -nodefaults \
		-display none -no-reboot -kernel "$guest/vmlinuz" \
		-initrd initrd -serial file:console -append \
		"console=ttyS0 quiet panic=-1 random.trust_cpu=on control=$1" \
		-blockdev driver=file,node-name=f,filename=disk \
		-blockdev driver=raw,node-name=d,file=f \
		-blockdev driver=file,node-name=g,filename=log \
		-blockdev driver=raw,node-name=l,file=g \
		-blockdev driver=blklogwrites,node-name=w,file=d,log=l \
		-device virtio-blk-pci,drive=w,write-cache=on \
		</dev/null 2>qemu.err &
	qemu=$!
	n=0
	until tail -c 65536 log | grep -aq 'acked wamid'; do
		n=$((n + 1))
		sleep 0.1
		[ $n -lt 1200 ] && kill -0 $qemu 2>/dev/null && continue
		{
			cat qemu.err console
			echo 'power: the machine takes no webhooks'
		} >&2
		exit 70
	done
	sleep "$(awk -v least="$2" -v seed="$(random)" \
		'BEGIN { srand(seed); print least + 2 * rand() }')"
	kill -9 $qemu
	wait $qemu 2>/dev/null || :
	qemu=''
}
random () { od -An -N3 -tu4 /dev/urandom | tr -d ' '; }

# --- and what is left ---
look () {	# DISK: missing and damaged, of the ids in acked
	sort acked >want
	rm -rf kept have.all
	mkdir kept
	: >have.all
	e2fsck -fy "$1" >e2fsck.log 2>&1 || [ $? -lt 4 ] || cat e2fsck.log >&2
	debugfs -R 'rdump /store kept' "$1" >/dev/null 2>&1 || :
	damaged=0
	for db in kept/store/inbox-*.db; do
		[ -s "$db" ] || { damaged=1; continue; }
		[ "$(sqlite3 "$db" 'PRAGMA integrity_check' 2>&1)" = ok ] ||
			damaged=1
		sqlite3 "$db" "SELECT json_extract(CAST(body AS TEXT),
			'\$.entry[0].changes[0].value.messages[0].id') FROM body" \
			>>have.all 2>/dev/null || damaged=1
	done
	missing=$(sort -u have.all | comm -23 want - | wc -l)
}
again () {	# WHERE SEED: make the disk anew; the object of cut.pl
	cp --sparse=always base new
	perl "$here/cut.pl" new log $fs_bytes acked "$1" 0.5 "$2"
}
keep () {	# FILE: one more line of it
	jq -c --argjson missing "$missing" --argjson damaged "$damaged" \
		'. + {missing: $missing, damaged: $damaged}' told >>"$1"
	[ "${1#ours}" = "$1" ] || [ $((missing + damaged)) -eq 0 ] ||
		echo "power: $1: $missing missing, $damaged damaged; seed $seed" >&2
}
total () {	# FILE: its lines as one object
	jq -sc --arg of "$1" 'def sum(f): map(f) | add // 0;
		{of: $of, cuts: length, acked: sum(.acked),
		missing: sum(.missing), damaged: sum(.damaged),
		unsure: sum(.unsure)}' "$1"
}
life () {	# CONTROL LEAST FILE MOMENTS: both halves, to FILE and unflushed-FILE
	while :; do
		live "$1" "$2"
		got=0
		seed=$(random)
		again end "$seed" >told || got=$?
		[ "$got" -eq 75 ] || break
	done
	[ "$got" -eq 0 ] || exit "$got"
	look new
	keep "$3-unflushed"
	look disk
	keep "$3-killed"
	m=0
	while [ $m -lt "$4" ]; do
		m=$((m + 1))
		seed=$(random)
		again flush "$seed" >told
		look new
		keep "$3-unflushed"
	done
}

i=0
while [ $i -lt "$cuts" ]; do
	i=$((i + 1))
	life none 0.3 ours "$moments"
done
life nosync 2 nosync 0
life nobarrier 2 nobarrier 0
for f in ours-killed ours-unflushed nosync-killed nosync-unflushed \
	nobarrier-killed nobarrier-unflushed; do
	total $f
done
