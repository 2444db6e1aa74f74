"""Passwords of at least twelve characters that many people have, and that `gateway.domain.passwords` does not
know by their form.

From the 30,000 most common of zxcvbn 4.4.28 (https://github.com/dwolfhub/zxcvbn-python, MIT licence), which
counted them in passwords that were made public (Mark Burnett, "Ten million passwords", 2015).
"""

from __future__ import annotations

_LISTED = """
010203040506 014702580369 01telemike01 102030405060 112233445566 12qw34er56ty 159753456852 1a2s3d4f5g6h
1q2w3e4r5t6y 23176djivanfros 31217221027711 32615948worms 41d8cd98f00b 4815162342lost 541233432442
59382113kevinp 742617000027 89231243658s 89876065093rax a1s2d3f4g5h6 admin18533362 amadeusptfcor
an83546921an13 andrewjackie antananarivu auckland2010 avrillavigne bltynbabrfwbz boy4u2ownnyc
bpgjldsgjldthnf businessbabe chickenwing101 christopher1 cjdthitycndj combat123654 contortionist
corperfmonsy counterstrike devilmaycry4 digitalprodu dkflbvbhjdbx dkflbvbhjdyf domainlock2005 finalfantasy
fkmnthyfnbdf fktrcfylhjdbx fktrcfylhjdf fktrcfylhjdyf flvbybcnhfnjh frederiksberg fucktheworld fuckyoubitch
fynfyfyfhbde ghbdtnrfrltkf ghhh47hj7649 ghjcnjgbpltw ghjcnjgfhjkm ghjcnjqgfhjkm ghjcnjrdfibyj ghjnbdjcnjzybt
gjkysqgbpltw greenlantern gtnhjpfdjlcr hd764nw5d7e1vb1 hedimaptfcor iampurehaha2 iloveboobies ilovemyfamily
ingodwetrust installdevic installsqlst iseedeadpeople jamesbond007 justinbieber leavemealone
lhbjkjubz2957704 lost4815162342 lytghjgtnhjdcr mailcreated5240 maprchem56458 massimiliano masterbaiting
masterbating masturbation maurolarastefy mevefalkcakk michaeljackson minecraft123 minnesota_hp
momsanaladventure morganstanley mortalkombat msorcloledbr needforspeed nemvxyheqdd5oqxyxyzi networkingpe
newproject2004 nhecsyfujkjdt nhfdvfnjkju123 nhfycajhvths nightcrawler nondriversig olcrackmaster
ontheoutside p030710p$e4o paraklast1974 passwordstandard peanutbutter playstation2 playstation3
polniypizdec0211 polniypizdec110211 pornographic ptybnxtvgbjy punksnotdead q1w2e3r4t5y6 q1w2e3r4t5y6u7
q1w2e3r4t5y6u7i8 q1w2e3r4t5y6u7i8o9p0 qawsedrftgyh qwaszxerdfcv residentevil rfnthbyf1988 sanfrancisco
saun24865709 schoolgirlie seemnemaailm sojdlg123aljg sonnenschein sonyericsson specialinsta stickdaddy77
stinkyfinger stratocaster systemofadown thecakeisalie ticketmaster vanyarespekt vfvfvskfhfve vladimirovna
warhammer40k wazzkaprivet websolutions websolutionssu webuivalidat weihnachtsbau weihnachtsbaum
whosyourdaddy xxxp455w0rd5 z1x2c3v4b5n6m7 zcfvfzkexifz zqjphsyf6ctifgu
"""

COMMON = frozenset(_LISTED.split())
