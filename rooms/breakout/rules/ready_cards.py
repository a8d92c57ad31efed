"""The ready-made conversation cards, six for each level. `cards` says what a card is, and what none asks."""

from collections.abc import Mapping, Sequence

from rooms.breakout.rules.cards import Card


def _cards(level: int, cards: Mapping[str, tuple[str, Sequence[str]]]) -> list[Card]:
    return [Card(f"{level}-{name}", level, topic, questions) for name, (topic, questions) in cards.items()]


_A1 = {
    "hello": (
        "Hei!",
        (
            "Hva heter du?",
            "Hvordan har du det i dag?",
            "Hva er klokka nå?",
            "Hvilken dag er det i dag?",
            "Hva sier vi når vi går?",
        ),
    ),
    "food": (
        "Mat",
        (
            "Hva liker du å spise?",
            "Hva drikker du om morgenen?",
            "Er epler gode?",
            "Hva kjøper folk i butikken?",
            "Hva spiser folk i Norge?",
        ),
    ),
    "colours": (
        "Farger og klær",
        (
            "Hvilken farge liker du?",
            "Hvilken farge har jakka di?",
            "Hva har folk på seg om vinteren?",
            "Hva har folk på seg om sommeren?",
        ),
    ),
    "weather": (
        "Været",
        (
            "Hvordan er været i dag?",
            "Er det varmt eller kaldt?",
            "Liker du sol, regn eller snø?",
            "Hva gjør folk når det regner?",
        ),
    ),
    "house": (
        "Hjemme i huset",
        ("Hvilke rom er det i et hus?", "Hva er på et kjøkken?", "Hva er i en stue?", "Hva står på bordet ditt nå?"),
    ),
    "numbers": (
        "Tall og penger",
        (
            "Kan du telle til tjue?",
            "Hva koster et brød?",
            "Hva er dyrt i Norge?",
            "Hva er nummeret til ambulansen? (113)",
        ),
    ),
}
_A2 = {
    "day": (
        "En vanlig dag",
        (
            "Når står folk opp i Norge?",
            "Hva gjør du om morgenen?",
            "Hva er det beste med en lørdag?",
            "Hva gjør folk om kvelden?",
        ),
    ),
    "shop": (
        "I butikken",
        (
            "Hva spør du om når du ikke finner noe?",
            "Hva er billig nå?",
            "Hva gjør du når noe er for lite eller for stort?",
            "Spill: en er kunde, en selger.",
        ),
    ),
    "bus": (
        "Buss og tog",
        (
            "Hvordan kommer man til byen herfra?",
            "Hva sier du til sjåføren?",
            "Hva gjør du når bussen ikke kommer?",
            "Er det best å gå, sykle eller kjøre?",
        ),
    ),
    "doctor": (
        "Hos legen",
        (
            "Hvordan bestiller man time?",
            "Hva sier du når du har vondt i hodet?",
            "Hva er bra for kroppen?",
            "Spill: en er lege, en er pasient.",
        ),
    ),
    "free-time": (
        "Fritid",
        (
            "Hva er gøy å gjøre ute?",
            "Hvilken musikk er fin?",
            "Hva kan man gjøre gratis her?",
            "Hva har du lyst til å lære?",
        ),
    ),
    "seasons": (
        "Året",
        (
            "Hvilken måned er best, og hvorfor?",
            "Hva feirer folk i Norge i mai?",
            "Hva gjør folk når det er mørkt?",
            "Hva vokser om sommeren?",
        ),
    ),
}
_B1 = {
    "work": (
        "Arbeid",
        (
            "Hva er en god jobb?",
            "Hva skriver man i en søknad?",
            "Hva er viktig den første dagen på jobb?",
            "Hva gjør en god sjef?",
        ),
    ),
    "school": (
        "Skole og læring",
        (
            "Hvordan lærer du best?",
            "Hva er forskjellig mellom skoler?",
            "Hva kan foreldre spørre en lærer om?",
            "Hva var lett med norsk, og hva var vanskelig?",
        ),
    ),
    "neighbours": (
        "Naboer",
        (
            "Hvordan blir man kjent med naboene?",
            "Hva er dugnad?",
            "Hva gjør du når naboen bråker?",
            "Hva er en god nabo?",
        ),
    ),
    "nature": (
        "Ut på tur",
        (
            "Hvorfor går folk på tur?",
            "Hva tar man med i sekken?",
            "Hvor er det fint å gå her?",
            "Hva er allemannsretten?",
        ),
    ),
    "cooking": (
        "Lage mat sammen",
        (
            "Fortell hvordan man lager en rett.",
            "Hva er typisk norsk mat?",
            "Hva er lurt når man har lite penger?",
            "Hvordan kaster man mindre mat?",
        ),
    ),
    "phone": (
        "Mobil og nett",
        (
            "Hva bruker du mobilen mest til?",
            "Hvordan vet man om en melding er falsk?",
            "Når er det fint å legge bort mobilen?",
            "Hvilken app har hjulpet deg?",
        ),
    ),
}
_B2 = {
    "society": (
        "Å være med",
        (
            "Hva betyr det å være frivillig?",
            "Hvordan kan flere bli med i et lag eller en forening?",
            "Hva kan kommunen gjøre bedre?",
            "Hvem bestemmer hva i en kommune?",
        ),
    ),
    "habits": (
        "Vaner og uvaner",
        (
            "Hvilken norsk vane er rar?",
            "Hva overrasker folk på besøk i Norge?",
            "Hvordan sier man nei på en høflig måte?",
            "Når er det greit å komme for sent?",
        ),
    ),
    "money": (
        "Penger i hverdagen",
        (
            "Hva er lurt å spare på?",
            "Bør barn ha lommepenger?",
            "Hva er reklame flink til?",
            "Er det bedre å reparere eller å kjøpe nytt?",
        ),
    ),
    "health": (
        "Et godt liv",
        (
            "Hva gir energi?",
            "Hvorfor er søvn viktig?",
            "Hva kan man gjøre når man trenger en pause?",
            "Hva gjør en tur ute med oss?",
        ),
    ),
    "news": (
        "Gode nyheter",
        (
            "Hvilken god nyhet har du hørt i det siste?",
            "Hvordan vet vi om noe er sant?",
            "Hva bør lokalavisa skrive mer om?",
            "Er det nyttig å lese nyheter hver dag?",
        ),
    ),
    "animals": (
        "Dyr og natur",
        (
            "Bør man ha dyr i byen?",
            "Hvilke dyr lever i skogen her?",
            "Hva kan vi gjøre for naturen der vi bor?",
            "Hva er forskjellen på et husdyr og et kjæledyr?",
        ),
    ),
}
_C1 = {
    "language": (
        "Språket selv",
        (
            "Hvilke uttrykk på norsk er vanskelige å oversette?",
            "Når bør man rette på hverandre?",
            "Hva får man med et nytt språk?",
            "Hvilken dialekt liker du å høre på, og hvorfor?",
        ),
    ),
    "trust": (
        "Tillit",
        (
            "Hvorfor låser noen ikke døra?",
            "Hva skaper tillit mellom folk?",
            "Når er det klokt å være skeptisk?",
            "Hva betyr «å ta noen på ordet»?",
        ),
    ),
    "equality": (
        "Likestilling i hverdagen",
        (
            "Hvordan deler man arbeidet hjemme?",
            "Hva er forskjellen på likhet og rettferdighet?",
            "Hvilke yrker er i endring?",
            "Hva kan en arbeidsplass gjøre?",
        ),
    ),
    "technology": (
        "Maskiner som hjelper",
        (
            "Hva bør maskiner ikke bestemme?",
            "Hva er blitt lettere, og hva vanskeligere?",
            "Hvordan lærer man bort noe digitalt til andre?",
            "Hva ville du ha funnet opp?",
        ),
    ),
    "culture": (
        "Bøker, film og musikk",
        (
            "Hvilken fortelling bør alle kjenne?",
            "Hva gjør et bibliotek viktig?",
            "Kan humor oversettes?",
            "Hva forteller en sang om et sted?",
        ),
    ),
    "future": (
        "Om ti år",
        (
            "Hvordan ser dette stedet ut om ti år?",
            "Hva håper du at barn lærer?",
            "Hvilke jobber finnes ikke lenger da?",
            "Hva bør vi ta vare på?",
        ),
    ),
}

_LEVELS: Mapping[int, Mapping[str, tuple[str, Sequence[str]]]] = {1: _A1, 2: _A2, 3: _B1, 4: _B2, 5: _C1}

#: The ready-made cards, by key.
READY_CARDS: Mapping[str, Card] = {card.key: card for level, cards in _LEVELS.items() for card in _cards(level, cards)}
