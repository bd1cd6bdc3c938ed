/** Given and family names from many languages, in their own spelling. */
export const FIRST_NAMES =
  `Aaliyah Aarav Abebe Adaeze Adrián Agnieszka Ahmed Aiko Aino Alejandra Amélie Amina Ana Anders Andrés Anh Anna Antonio Arjun Astrid Ayşe Bao Beatriz Björn Bogdan Camila Carlos Catarina Chen Chidi Chiara Claire Dae Daniel Daria Deepika Dmitri Eero Efua Elena Elif Eszter Fatima Felix Fernanda Francesca François Frida Gabriel Gintarė Giulia Grace Hana Hao Haruto Hassan Helga Henrik Ibrahim Ines Ingrid Isabella Ivan Jakub Jamal Jana Javier Jin Joana Johan José Juan Julia Kamala Karim Katarzyna Kenji Kofi Kwame Lars Layla Leila Liam Linh Luca Lucía Magnus Mai Małgorzata Marek María Mateo Mei Mihai Milan Miriam Mohammed Nadia Naoki Ngozi Nikola Noor Oksana Olga Oliver Olumide Omar Ondřej Paolo Pedro Petra Pierre Priya Rafael Rania Ravi Renée Ryo Saoirse Samuel Sanna Sara Satu Siobhán Sofia Søren Stella Sunita Takumi Tamar Teresa Thandiwe Thiago Thomas Tomáš Trang Ümit Valentina Vera Viktor Wanjiru Wei Xin Yara Yasmin Yuki Yusuf Zainab Zoë Zsófia Żaneta`.split(
    ' ',
  );

export const LAST_NAMES =
  `Abdi Abe Abubakar Achterberg Adeyemi Ahmed Alves Andersson Andreou Aydın Bağ Balogun Banerjee Baptista Barbosa Bauer Baumann Becker Berg Bianchi Björk Bondarenko Bose Brown Cakir Castillo Çelik Chen Chukwu Cohen Correia Costa Cruz Dąbrowski Davies Delgado Demir Diallo Đorđević Dubois Dvořák Eriksson Esposito Eze Farkas Fernández Ferreira Fischer Fontaine Fujita García Girard Gonzalez Green Gruber Guerrero Gupta Gutiérrez Haddad Hagen Hakimi Hansen Haugen Hernández Horváth Huang Ibrahim Ishikawa Ivanov Jankowski Jensen Johansson Jones Jovanović Juárez Kariuki Kaya Kessler Khan Kim Kiss Kobayashi Koskinen Kovač Kowalski Kumar Lahtinen Larsen Lefèvre Lehtonen Lin Lindqvist Liu López Łukaszewski Lund Mäkinen Martínez Maślak Mbeki Mehta Mendoza Meyer Mohamed Mohammadi Molnár Moreau Müller Muñoz Murphy Mutua Mwangi Nagy Nakamura Ncube Nguyễn Nielsen Novák Nowak Núñez O’Brien O’Connor Okafor Okeke Okonkwo Olsen Ortega Osei Østergaard Özdemir Papadopoulos Park Patel Pereira Pérez Petrov Pettersson Pham Pokorný Popescu Quispe Rahman Ramírez Reddy Reyes Ricci Rodríguez Rojas Romero Rossi Ruiz Sánchez Santos Satō Schmidt Schneider Shapiro Sharma Shevchenko Silva Šimić Singh Smith Soto Sørensen Strauß Suzuki Svensson Szabó Szymański Takahashi Tanaka Teixeira Thomas Tkachenko Torres Tran Tshabalala Turner Ueda Ülker Usman Vân Vargas Vasquez Vieira Virtanen Vogel Volkov Walker Wang Weber Williams Wójcik Wright Wu Yamamoto Yang Yılmaz Yücel Zhang Zhou Zieliński Žukauskas`.split(
    ' ',
  );

export const USER_AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
];
