"""What the hints about tone look for, by language, as data. Each word stands in small letters; what several
languages share stands in each."""

from __future__ import annotations

from collections.abc import Mapping


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


TEXT_SPEAK: Mapping[str, frozenset[str]] = {
    "en": _words(
        "gr8 gr8t l8r l8 m8 w8 b4 h8 str8 2day 2moro 2morrow 2nite 4u 4ever any1 some1 every1 no1 thx thanx "
        "tnx plz pls ppl idk imo imho lol lmao rofl omg wtf btw brb ttyl cya cu ur u ya cuz coz bcoz gonna "
        "wanna gotta dunno gimme kinda sorta yep nope wat wut k kk tbh nvm smh bff xoxo luv"
    ),
    "fr": _words(
        "slt bjr bsr stp dsl mdr ptdr tkt tkl jsp pk pq pcq pck koi kwa ki keske kes koman biz bizz cc dac "
        "dak ok1 2m1 2main auj ajd ojd tjr tjs tjrs bcp tps vs ns tt tte ds pr qd qqn qqch chui jsuis cmt "
        "mtn nn ouais ouai wesh lol xd a+ @+"
    ),
}
"""Words of chats. What offices write themselves (RDV, SVP, ASAP, OK) is none of them."""

TEXT_SPEAK_PHRASES: Mapping[str, tuple[str, ...]] = {
    "en": ("c u", "c ya", "r u", "y not", "how r", "u r"),
    "fr": ("c bon", "c pas", "c ok", "g pas", "t ou", "t où", "j ai pa"),
}

SARCASM: Mapping[str, tuple[str, ...]] = {
    "en": (
        "yeah right",
        "oh really",
        "oh great",
        "oh please",
        "as if",
        "so-called",
        "good luck with that",
        "big surprise",
        "what a surprise",
        "how surprising",
        "as i already said",
        "as i already told you",
        "as already said",
        "thanks for nothing",
        "whatever you say",
        "obviously",
    ),
    "fr": (
        "ben voyons",
        "mais bien sûr",
        "comme par hasard",
        "quelle surprise",
        "comme c'est étonnant",
        "comme je l'ai déjà dit",
        "comme déjà dit",
        "comme je vous l'ai déjà dit",
        "bon courage avec ça",
        "merci pour rien",
        "soi-disant",
        "évidemment",
    ),
}

NUMBERS_FOLLOW = _words(
    "order orders ref reference no nr number code job ticket invoice parcel part model serial plate room "
    "commande réf référence numéro facture dossier colis pièce modèle série plaque chambre n° # №"
)
"""Words after which something that looks like text-speak is a number of something."""

ANGRY = (
    "angry, furious, unacceptable, disgusting, disgusted, ridiculous, rubbish, scandal, complaint, complain, "
    "lawyer, solicitor, refund, money back, worst, never again, fed up, ashamed, disappointed, "
    "inacceptable, inadmissible, furieux, furieuse, scandaleux, scandale, honteux, honte, plainte, avocat, "
    "remboursement, remboursez, rembourser, jamais plus, ras le bol, en colère, déçu, déçue"
)
"""Default of the setting writing.angry_words."""
